/* send: one file as messages, as it is while it is read.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/be.h"
#include "file/bulk.h"
#include "file/send.h"

void
send_stat(struct filemsg *m, const struct stat *st)
{
	m->mode = st->st_mode & 0777;
	m->sec = st->st_mtim.tv_sec;
	m->nsec = (uint32_t)st->st_mtim.tv_nsec;
}

int
send_next(struct send *s, struct filemsg *m, struct fault *f)
{
	while (channel_get(&s->p, m, f) == 0) {
		if (m->type != FILEMSG_LOST)
			return 0;
		progress_say(
		    s->prog, "%s: %.*s", s->p.peer, (int)m->rest_len, m->rest);
	}
	return -1;
}

/* Compare fd (-1: nothing) with what the other side has, whose sums come next.
 * Sets *at to where to go on; 1 if the file is there whole, 0, or -1 and a
 * fault. */
static int
compare(struct send *s, int fd, uint64_t size, const struct filemsg *have,
    uint64_t *at, struct fault *f)
{
	uint8_t length[8 * FILEMSG_KEPT], own[HASH_BYTES];
	uint64_t to, hashed = 0;
	struct hash all, copy;
	struct filemsg m;
	size_t i, n = have->rest_len;
	int part = have->kind == 1, good, whole = 0;

	memcpy(length, have->rest, n);
	hash_begin(&all);
	for (i = 0; i < n; i += 8) {
		to = be64_get(length + i);
		/* The part is the shortest and comes first. */
		good = fd != -1 && to >= hashed && to <= size;
		if (good)
			good = bulk_hash(&s->p, &all, fd, to - hashed, f);
		if (good == -1 || send_next(s, &m, f) == -1)
			return -1;
		if (m.type != FILEMSG_SUM)
			return channel_malformed(&s->p, f);
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
    struct send *s, int fd, off_t at, const struct stat *st, struct fault *f)
{
	off_t size = st->st_size, to = size;
	/* Blocks are of 512 bytes whatever the file system's are. */
	int sparse = st->st_blocks < size / 512, hole = 0;
	struct filemsg m;
	ssize_t got;

	for (; at < size && !s->why; at += (off_t)m.size) {
		to = sparse ? extent(fd, at, size, &hole) : size;
		m = (struct filemsg){
		    .type = FILEMSG_HOLE, .size = (uint64_t)(to - at)};
		if (!hole) {
			m.type = FILEMSG_BYTES;
			if (m.size > FILEMSG_DATA)
				m.size = FILEMSG_DATA;
		}
		if (channel_put(&s->p, &m, f) == -1)
			return -1;
		if (hole) {
			s->prog->done += m.size;
			continue;
		}
		got = bulk_send(&s->p, fd, at, m.size, f);
		if (got == -1)
			return -1;
		if (got < (ssize_t)m.size)
			s->why = errno ? strerror(errno)
			               : "it shrank while it was sent";
		progress_moved(s->prog, m.size);
		if (m.size == FILEMSG_DATA && channel_heed(&s->p, f) == -1)
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
file(struct send *s, struct filemsg *m, int fd, const struct filemsg *have,
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
	send_stat(m, &st);
	m->type = whole ? FILEMSG_SAME : FILEMSG_FILE;
	m->size = (uint64_t)st.st_size;
	m->count = at;
	s->prog->done += whole ? m->size : at;
	if (channel_put(&s->p, m, f) == -1)
		return -1;
	if (whole)
		return 0;
	if (content(s, fd, (off_t)at, &st, f) == -1)
		return -1;
	if (!s->why)
		s->why = changed(fd, &st);
	m->type = FILEMSG_CLOSE;
	m->kind = s->why != NULL;
	return channel_put(&s->p, m, f);
}

int
send_whole(struct send *s, struct filemsg *m, int fd,
    const struct filemsg *have, struct fault *f)
{
	int code = file(s, m, fd, have, f);

	if (fd != -1)
		close(fd);
	return code == 0 && s->why ? 1 : code;
}
