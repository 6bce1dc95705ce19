/* fsend: one file as messages, as it is while it is read.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "be.h"
#include "fsend.h"

void
fsend_stat(struct fwire *m, const struct stat *st)
{
	m->mode = st->st_mode & 0777;
	m->sec = st->st_mtim.tv_sec;
	m->nsec = (uint32_t)st->st_mtim.tv_nsec;
}

/* BLAKE2b of the file's first length[i] bytes, for each that it has. */
static void
sums(int fd, uint64_t size, size_t n, const uint64_t *length,
    uint8_t (*out)[HASH_BYTES], uint8_t *good)
{
	static uint8_t buf[FPIPE_FILL];
	struct hash h, copy;
	uint64_t at = 0, to;
	ssize_t got;
	size_t i, most;

	hash_begin(&h);
	for (;;) {
		to = UINT64_MAX;
		for (i = 0; i < n; i++)
			if (!good[i] && length[i] <= size && length[i] < to)
				to = length[i];
		if (to == UINT64_MAX)
			return;
		while (at < to) {
			most = to - at < sizeof(buf) ? to - at : sizeof(buf);
			got = pread(fd, buf, most, (off_t)at);
			if (got <= 0)
				return;
			hash_add(&h, buf, (size_t)got);
			at += (uint64_t)got;
		}
		for (i = 0; i < n; i++) {
			if (length[i] != to)
				continue;
			copy = h;
			hash_end(&copy, out[i]);
			good[i] = 1;
		}
	}
}

/* Compare with what the other side has.  Sets *at to where to go on; 1 if the
 * file is there whole, 0, or -1 and a fault. */
static int
compare(struct fsend *s, int fd, uint64_t size, const struct fwire *have,
    uint64_t *at, struct fault *f)
{
	uint64_t length[FWIRE_KEPT];
	uint8_t own[FWIRE_KEPT][HASH_BYTES], good[FWIRE_KEPT] = {0};
	size_t n = have->rest_len / 8, i;
	struct fwire m;
	int part = have->kind, whole = 0;

	for (i = 0; i < n; i++)
		length[i] = be64_get((const uint8_t *)have->rest + 8 * i);
	if (fd != -1)
		sums(fd, size, n, length, own, good);
	for (i = 0; i < n; i++) {
		if (s->next(s->arg, &m, f) == -1)
			return -1;
		if (m.type != FWIRE_SUM)
			return fault(f, X_PEER,
			    "%s sent a message that breaks the rules",
			    s->p->peer);
		if (!good[i] || memcmp(m.rest, own[i], HASH_BYTES) != 0)
			continue;
		if (part && i == 0)
			*at = length[i];
		else if (length[i] == size)
			whole = 1;
	}
	return whole;
}

/* How far the data goes that begins at `at`; *hole: or how far a hole does. */
static off_t
extent(int fd, off_t at, off_t size, int *hole)
{
	off_t to = lseek(fd, at, SEEK_DATA);

	*hole = to > at || (to == -1 && errno == ENXIO);
	if (to == at)
		to = lseek(fd, at, SEEK_HOLE);
	return to == -1 || to > size ? size : to;
}

static int
content(
    struct fsend *s, int fd, off_t at, const struct stat *st, struct fault *f)
{
	off_t size = st->st_size, to = size;
	/* Blocks are of 512 bytes whatever the file system's are. */
	int sparse = st->st_blocks < size / 512, hole = 0;
	struct fwire m;
	ssize_t got;
	off_t from;

	while (at < size && !s->why) {
		to = sparse ? extent(fd, at, size, &hole) : size;
		m = (struct fwire){
		    .type = FWIRE_HOLE, .size = (uint64_t)(to - at)};
		if (hole) {
			if (fpipe_put(s->p, &m, f) == -1)
				return -1;
			s->prog->done += m.size;
			at = to;
			continue;
		}
		m.type = FWIRE_BYTES;
		if (m.size > FWIRE_DATA)
			m.size = FWIRE_DATA;
		if (fpipe_put(s->p, &m, f) == -1)
			return -1;
		from = at;
		got = fpipe_send(s->p, fd, &at, m.size, f);
		if (got == -1)
			return -1;
		if (got < (ssize_t)m.size) {
			s->why = got == -2 ? strerror(errno)
			                   : "it shrank while it was sent";
			if (fpipe_zeros(s->p, m.size - (size_t)(at - from), f))
				return -1;
		}
		fprog_moved(s->prog, m.size);
		if (size - at >= FPIPE_FILL && fpipe_heed(s->p, f) == -1)
			return -1;
	}
	return 0;
}

int
fsend_file(struct fsend *s, struct fwire *m, int fd, const struct fwire *have,
    struct fault *f)
{
	struct stat st, now;
	uint64_t at = 0;
	int code = 0;

	s->why = NULL;
	if (fd == -1 || fstat(fd, &st) == -1)
		s->why = errno == ENOENT ? "it vanished before it was sent"
		                         : strerror(errno);
	else if (!S_ISREG(st.st_mode))
		s->why = "it is no file any longer";
	/* The sums of an answer must be taken from the stream anyway. */
	if (have && have->rest_len > 0)
		code = compare(s, s->why ? -1 : fd,
		    s->why ? 0 : (uint64_t)st.st_size, have, &at, f);
	if (code == -1 || s->why)
		goto out;
	fsend_stat(m, &st);
	m->type = code == 1 ? FWIRE_SAME : FWIRE_FILE;
	m->size = (uint64_t)st.st_size;
	m->count = at;
	s->prog->done += code == 1 ? m->size : at;
	if (fpipe_put(s->p, m, f) == -1) {
		code = -1;
		goto out;
	}
	if (code == 1) {
		code = 0;
		goto out;
	}
	code = content(s, fd, (off_t)at, &st, f);
	if (code == -1)
		goto out;
	if (!s->why && (fstat(fd, &now) == -1 || now.st_size != st.st_size ||
	                   now.st_mtim.tv_sec != st.st_mtim.tv_sec ||
	                   now.st_mtim.tv_nsec != st.st_mtim.tv_nsec))
		s->why = now.st_size > st.st_size ? "it grew while it was sent"
		         : now.st_size < st.st_size
		             ? "it shrank while it was sent"
		             : "it changed while it was sent";
	m->type = FWIRE_CLOSE;
	m->kind = s->why != NULL;
	code = fpipe_put(s->p, m, f);
out:
	if (fd != -1)
		close(fd);
	return code == 0 && s->why ? 1 : code;
}
