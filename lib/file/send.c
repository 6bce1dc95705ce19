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

/* Compare fd (-1: nothing) with the part the other side has, of that many bytes,
 * whose sum comes next.  1 if it is of this file, 0, or -1 and a fault. */
static int
continues(struct send *s, int fd, uint64_t size, uint64_t part, struct fault *f)
{
	uint8_t own[HASH_BYTES];
	struct filemsg m;
	struct hash h;
	int good = fd != -1 && part <= size;

	hash_begin(&h);
	if (good)
		good = lseek(fd, 0, SEEK_SET) == 0
		           ? bulk_hash(&s->p, &h, fd, part, f)
		           : 0;
	if (good == -1 || send_next(s, &m, f) == -1)
		return -1;
	if (m.type != FILEMSG_SUM)
		return channel_malformed(&s->p, f);
	hash_end(&h, own);
	return good && memcmp(m.rest, own, HASH_BYTES) == 0;
}

int
send_sum(struct send *s, const struct filemsg *m, int fd,
    uint8_t out[static HASH_BYTES], struct fault *f)
{
	struct hash h;
	int code;

	hash_begin(&h);
	code = bulk_hash(&s->p, &h, fd, m->size, f);
	hash_end(&h, out);
	return code == -1 ? -1 : 0;
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

static int
as_asked(const struct filemsg *m, const struct stat *st)
{
	return m->size == (uint64_t)st->st_size &&
	       m->sec == st->st_mtim.tv_sec &&
	       m->nsec == (uint64_t)st->st_mtim.tv_nsec;
}

/* Sets s->why if the file is not sent whole.  0, or -1 and a fault. */
static int
file(struct send *s, struct filemsg *m, int fd, const struct filemsg *have,
    struct fault *f)
{
	struct stat st = {0};
	uint64_t at = 0;
	int whole, part;

	s->why = NULL;
	if (fd == -1 || fstat(fd, &st) == -1)
		s->why = errno == ENOENT ? "it vanished before it was sent"
		                         : strerror(errno);
	else if (!S_ISREG(st.st_mode))
		s->why = "it is no file any longer";
	if (have && have->kind == FILEMSG_PART) {
		/* The sum must be taken from the stream anyway. */
		at = have->size;
		part =
		    continues(s, s->why ? -1 : fd, (uint64_t)st.st_size, at, f);
		if (part == -1)
			return -1;
		if (!part)
			at = 0;
	}
	if (s->why)
		return 0;
	/* The answer is about the file as it was when it was asked about. */
	whole = have && have->kind == FILEMSG_SAMEFILE && as_asked(m, &st);
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
