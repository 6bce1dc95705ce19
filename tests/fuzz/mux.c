/* fuzz/mux: lines, bytes and pictures into frames, and out of them again.
 * SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "mux/mux.h"
#include "wire/inorder.h"
#include "wire/pictures.h"

static const char kinds[] = "tbij";

static uint8_t got[64 * 1024];
static size_t got_n, messages;

/* Take the frames apart: the bytes of all messages one behind the other. */
static int
apart(int fd, char kind)
{
	static uint8_t wire[512 * 1024];
	static struct inorder in;
	const uint8_t *p = wire;
	struct message m;
	struct fault f;
	ssize_t n = pread(fd, wire, sizeof(wire), 0);
	size_t left = n > 0 ? (size_t)n : 0;
	int end = 0, r;

	got_n = messages = 0;
	MUST(n >= 0 && n < (ssize_t)sizeof(wire));
	memset(&in, 0, sizeof(in));
	while ((r = inorder_feed(&in, &p, &left, &m, &f)) == 1) {
		MUST(!end);
		if (m.kind == FRAME_END) {
			MUST(m.number ==
			     (kind == 't' || kind == 'b' ? 1 + messages : 0));
			end = 1;
			continue;
		}
		MUST(m.kind == (uint8_t)kind && m.number == messages++);
		MUST(kind != 't' || m.n > 0);
		MUST(got_n + m.n <= sizeof(got));
		memcpy(got + got_n, m.data, m.n);
		got_n += m.n;
	}
	MUST(r == 0);
	inorder_free(&in);
	return end;
}

/* data: the kind and how much a piece may have; then what is on stdin. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static int in = -1, out = -1;
	struct fault f = {0};
	size_t most = FRAME_DATA;
	char kind;
	int r, end;

	if (n < 1)
		return 0;
	if (in == -1) {
		in = memfd_create("in", MFD_CLOEXEC);
		out = memfd_create("out", MFD_CLOEXEC);
		MUST(dup2(in, 0) == 0 && dup2(out, 1) == 1);
	}
	kind = kinds[data[0] % 4];
	/* Key pictures would go out twice then, the second time late. */
	if (data[0] & 4 && kind != 'i')
		most = FRAME_CUT_LEAST + data[0];
	data++;
	n = n - 1 < 32768 ? n - 1 : 32768;
	MUST(ftruncate(in, 0) == 0 && ftruncate(out, 0) == 0);
	MUST(pwrite(in, data, n, 0) == (ssize_t)n);
	MUST(lseek(in, 0, SEEK_SET) == 0 && lseek(out, 0, SEEK_SET) == 0);
	r = mux_run(kind, most, -1, &f);
	end = apart(out, kind);
	MUST(end == (r == 0));
	MUST(r == 0 || (f.code == X_PEER && f.text[0]));
	if (kind == 't' || kind == 'b') {
		MUST(r == 0 && got_n == n);
		MUST(n == 0 || memcmp(got, data, n) == 0);
	}
	return 0;
}
