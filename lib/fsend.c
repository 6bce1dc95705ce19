/* fsend: one file as messages, as it is while it is read.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "be.h"
#include "fbulk.h"
#include "fsend.h"

void
fsend_stat(struct fwire *m, const struct stat *st)
{
	m->mode = st->st_mode & 0777;
	m->sec = st->st_mtim.tv_sec;
	m->nsec = (uint32_t)st->st_mtim.tv_nsec;
}

int
fsend_next(struct fsend *s, struct fwire *m, struct fault *f)
{
	while (fpipe_get(&s->p, m, f) == 0) {
		if (m->type != FWIRE_LOST)
			return 0;
		fprog_say(
		    s->prog, "%s: %.*s", s->p.peer, (int)m->rest_len, m->rest);
	}
	return -1;
}

/* Compare fd (-1: nothing) with what the other side has, whose sums come next.
 * Sets *at to where to go on; 1 if the file is there whole, 0, or -1 and a
 * fault. */
static int
compare(struct fsend *s, int fd, uint64_t size, const struct fwire *have,
    uint64_t *at, struct fault *f)
{
	uint8_t length[8 * FWIRE_KEPT], own[HASH_BYTES];
	uint64_t to, hashed = 0;
	struct hash all, copy;
	struct fwire m;
	size_t i, n = have->rest_len;
	int part = have->kind == 1, good, whole = 0;

	memcpy(length, have->rest, n);
	hash_begin(&all);
	for (i = 0; i < n; i += 8) {
		to = be64_get(length + i);
		/* The part is the shortest and comes first. */
		good = fd != -1 && to >= hashed && to <= size;
		if (good)
			good = fbulk_hash(&s->p, &all, fd, to - hashed, f);
		if (good == -1 || fsend_next(s, &m, f) == -1)
			return -1;
		if (m.type != FWIRE_SUM)
			return fpipe_malformed(&s->p, f);
		if (!good)
			continue;
		hashed = to;
		copy = all;
		hash_end(&copy, own);
		if (memcmp(m.rest, own, HASH_BYTES) != 0)
			continue;
		if (part && i == 0)
			*at = to;
		else if (to == size)
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

	for (; at < size && !s->why; at += (off_t)m.size) {
		to = sparse ? extent(fd, at, size, &hole) : size;
		m = (struct fwire){
		    .type = FWIRE_HOLE, .size = (uint64_t)(to - at)};
		if (!hole) {
			m.type = FWIRE_BYTES;
			if (m.size > FWIRE_DATA)
				m.size = FWIRE_DATA;
		}
		if (fpipe_put(&s->p, &m, f) == -1)
			return -1;
		if (hole) {
			s->prog->done += m.size;
			continue;
		}
		got = fbulk_send(&s->p, fd, at, m.size, f);
		if (got == -1)
			return -1;
		if (got < (ssize_t)m.size)
			s->why = errno ? strerror(errno)
			               : "it shrank while it was sent";
		fprog_moved(s->prog, m.size);
		if (m.size == FWIRE_DATA && fpipe_heed(&s->p, f) == -1)
			return -1;
	}
	return 0;
}

/* What became of the file while it was sent, or NULL. */
static const char *
changed(int fd, const struct stat *before)
{
	struct stat now = *before;

	(void)fstat(fd, &now);
	if (now.st_size != before->st_size)
		return now.st_size > before->st_size
		           ? "it grew while it was sent"
		           : "it shrank while it was sent";
	return now.st_mtim.tv_sec != before->st_mtim.tv_sec ||
	               now.st_mtim.tv_nsec != before->st_mtim.tv_nsec
	           ? "it changed while it was sent"
	           : NULL;
}

/* Sets s->why if the file is not sent whole.  0, or -1 and a fault. */
static int
file(struct fsend *s, struct fwire *m, int fd, const struct fwire *have,
    struct fault *f)
{
	struct stat st = {0};
	uint64_t at = 0;
	int whole = 0;

	s->why = NULL;
	if (fd == -1 || fstat(fd, &st) == -1)
		s->why = errno == ENOENT ? "it vanished before it was sent"
		                         : strerror(errno);
	else if (!S_ISREG(st.st_mode))
		s->why = "it is no file any longer";
	/* The sums of an answer must be taken from the stream anyway. */
	if (have)
		whole = compare(
		    s, s->why ? -1 : fd, (uint64_t)st.st_size, have, &at, f);
	if (whole == -1 || s->why)
		return whole == -1 ? -1 : 0;
	fsend_stat(m, &st);
	m->type = whole ? FWIRE_SAME : FWIRE_FILE;
	m->size = (uint64_t)st.st_size;
	m->count = at;
	s->prog->done += whole ? m->size : at;
	if (fpipe_put(&s->p, m, f) == -1)
		return -1;
	if (whole)
		return 0;
	if (content(s, fd, (off_t)at, &st, f) == -1)
		return -1;
	if (!s->why)
		s->why = changed(fd, &st);
	m->type = FWIRE_CLOSE;
	m->kind = s->why != NULL;
	return fpipe_put(&s->p, m, f);
}

int
fsend_file(struct fsend *s, struct fwire *m, int fd, const struct fwire *have,
    struct fault *f)
{
	int code = file(s, m, fd, have, f);

	if (fd != -1)
		close(fd);
	return code == 0 && s->why ? 1 : code;
}
