/* fuzz/reader: a stream of raw pictures, in one piece and in some.
 * SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "video/reader.h"

enum { PIECES = 8 };

static int
all_at_once(const uint8_t *data, size_t n)
{
	int fd = memfd_create("in", MFD_CLOEXEC);

	MUST(write(fd, data, n) == (ssize_t)n);
	MUST(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

/* A sum over what came out of a picture. */
static uint64_t
sum(const struct reader *r, size_t n)
{
	size_t all = y4m_bytes(&r->y4m), i;
	uint64_t s = all + r->time + r->y4m.w;

	MUST(r->pic && all >= 384 && all <= n);
	for (i = 0; i < all; i++)
		s = s * 31 + r->pic[i];
	return s;
}

/* How it ends, and the sum of what came before. */
static int
whole(const uint8_t *data, size_t n, int newest, uint64_t *s)
{
	struct reader r;
	struct fault f = {0};
	int fd = all_at_once(data, n), end;

	reader_open(&r, fd);
	*s = 0;
	while (
	    (end = reader_newest(&r, newest, 0, &f)) != READER_END && end != -1)
		if (end == READER_PIC)
			*s = *s * 31 + sum(&r, n);
	MUST(end == READER_END || (f.code == X_PEER && f.text[0]));
	reader_free(&r);
	close(fd);
	return end;
}

/* The same, each piece once the one before it is used up. */
static int
pieces(const uint8_t *data, size_t n, size_t step, uint64_t *s)
{
	struct reader r;
	struct fault f = {0};
	size_t all = n;
	int p[2], end = READER_MORE;

	MUST(pipe2(p, O_CLOEXEC) == 0);
	reader_open(&r, p[0]);
	*s = 0;
	while (end != READER_END && end != -1) {
		end = reader_newest(&r, 0, 0, &f);
		if (end == READER_PIC)
			*s = *s * 31 + sum(&r, all);
		if (end != READER_MORE || p[1] == -1)
			continue;
		step = step < n ? step : n;
		if (step == 0 || write(p[1], data, step) < 1) {
			close(p[1]);
			p[1] = -1;
		}
		data += step;
		n -= step;
	}
	reader_free(&r);
	close(p[0]);
	if (p[1] != -1)
		close(p[1]);
	return end;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint64_t s, s2;
	int end;

	n = n < 32768 ? n : 32768;
	end = whole(data, n, 0, &s);
	MUST(pieces(data, n, n / PIECES + 1, &s2) == end && s == s2);
	MUST(whole(data, n, 1, &s2) == end);
	return 0;
}
