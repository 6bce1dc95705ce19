/* send: files and folders as messages, made while they are read.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "file/name.h"
#include "file/send.h"
#include "file/tree.h"

enum {
	QUEUE = 2 * FILEMSG_ASKED,
	HEED = 64, /* entries between checks for a word of the peer */
	SHOWN = 600 /* most bytes of a path in a message */
};
#define FILE_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define SHRANK "it shrank while it was sent"
#define VANISHED "it vanished before it was sent"

/* A message that waits for its turn.  A FILEMSG_QUESTION was sent already and
 * stands for its file; FILEMSG_END comes after those. */
struct waiting {
	struct filemsg m;
	const struct send_item *it;
	char *path; /* owned by m */
	int fd; /* the file's */
};

struct send {
	struct channel *channel;
	struct progress *prog;
	struct send_total total;
	const char *why; /* why the current file is not sent whole, or NULL */
	unsigned entries; /* entries walked so far */
	struct waiting queue[QUEUE];
	size_t at, end; /* the ring of waiting messages */
	unsigned asked; /* waiting files, which are open */
	unsigned most; /* most of these: half of RLIMIT_NOFILE */
};

struct send *
send_new(struct channel *c, struct progress *prog)
{
	struct send *s = calloc(1, sizeof(*s));
	struct rlimit r = {.rlim_cur = FILEMSG_ASKED};

	if (!s)
		return NULL;
	s->channel = c;
	s->prog = prog;
	(void)getrlimit(RLIMIT_NOFILE, &r);
	s->most = r.rlim_cur / 2 < FILEMSG_ASKED ? (unsigned)r.rlim_cur / 2
	                                         : FILEMSG_ASKED - 1;
	return s;
}

void
send_free(struct send *s)
{
	for (; s && s->at < s->end; s->at++) {
		free(s->queue[s->at % QUEUE].path);
		(void)fd_drop(s->queue[s->at % QUEUE].fd);
	}
	free(s);
}

/* Report an entry that is not sent (lost 1), or just worth a word (0). */
static int
note(struct send *s, const struct send_item *it, const struct filemsg *m,
    unsigned lost, const char *why)
{
	s->total.lost += lost;
	progress_say(s->prog, "%s%s%.*s: %s", it->name, m->path_len ? "/" : "",
	    (int)(m->path_len < SHOWN ? m->path_len : SHOWN), m->path, why);
	return 0;
}

/* Set mode and time of modification. */
static void
set_stat(struct filemsg *m, const struct stat *st)
{
	m->mode = st->st_mode & 0777;
	m->sec = st->st_mtim.tv_sec;
	m->nsec = (uint32_t)st->st_mtim.tv_nsec;
}

/* Compare the first bytes of fd (-1: none) with the peer's part of that length,
 * whose hash comes next.  1 if it is a part of this file, 0, or -1 and a
 * fault. */
static int
continues(struct send *s, int fd, uint64_t size, uint64_t part, struct fault *f)
{
	uint8_t own[HASH_BYTES];
	struct filemsg m;
	int good = fd != -1 && part <= size;

	if (good)
		good = channel_sum(s->channel, fd, part, own, f);
	if (good == -1 || channel_hear(s->channel, &m, f) == -1)
		return -1;
	if (m.type != FILEMSG_SUM)
		return channel_malformed(s->channel, f);
	return good && memcmp(m.rest, own, HASH_BYTES) == 0;
}

/* The end of the data that begins at `at`, or, with *hole set, of the hole. */
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
	/* st_blocks counts 512 bytes on every file system. */
	int sparse = st->st_blocks < size / 512, hole = 0;
	struct filemsg m;
	ssize_t got;

	for (; at < size && !s->why; at += (off_t)m.size) {
		to = sparse ? extent(fd, at, size, &hole) : size;
		m = (struct filemsg){
		    .type = FILEMSG_ZEROS, .size = (uint64_t)(to - at)};
		if (!hole) {
			m.type = FILEMSG_DATA;
			if (m.size > FILEMSG_PIECE)
				m.size = FILEMSG_PIECE;
		}
		if (channel_put(s->channel, &m, f) == -1)
			return -1;
		if (hole) {
			s->prog->done += m.size;
			continue;
		}
		got = channel_send(s->channel, fd, at, m.size, f);
		if (got == -1)
			return -1;
		if (got < (ssize_t)m.size)
			s->why = errno ? strerror(errno) : SHRANK;
		progress_moved(s->prog, m.size);
		if (m.size == FILEMSG_PIECE &&
		    channel_heed(s->channel, f) == -1)
			return -1;
	}
	return 0;
}

/* How the file changed while it was sent, or NULL. */
static const char *
changed(int fd, const struct stat *before)
{
	struct stat now = *before;

	(void)fstat(fd, &now);
	if (now.st_size != before->st_size)
		return now.st_size > before->st_size
		           ? "it grew while it was sent"
		           : SHRANK;
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

/* Send the file on fd (-1: errno says why not), as m->item and m->path.  have:
 * the answer about it, m then having the size and time it had when asked; or
 * NULL. Sets s->why if it is not sent whole.  0, or -1 and a fault. */
static int
whole_file(struct send *s, struct filemsg *m, int fd,
    const struct filemsg *have, struct fault *f)
{
	struct stat st = {0};
	uint64_t at = 0;
	int whole, part;

	s->why = NULL;
	if (fd == -1 || fstat(fd, &st) == -1)
		s->why = errno == ENOENT ? VANISHED : strerror(errno);
	else if (!S_ISREG(st.st_mode))
		s->why = "it is not a file any more";
	if (have && have->kind == FILEMSG_PART) {
		/* The hash must be read from the stream anyway. */
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
	/* The answer is about the file as it was then. */
	whole = have && have->kind == FILEMSG_THERE && as_asked(m, &st);
	set_stat(m, &st);
	m->type = whole ? FILEMSG_WHOLE : FILEMSG_NEW;
	m->size = (uint64_t)st.st_size;
	m->count = at;
	s->prog->done += whole ? m->size : at;
	if (channel_put(s->channel, m, f) == -1)
		return -1;
	if (whole) {
		s->total.there++;
		return 0;
	}
	if (content(s, fd, (off_t)at, &st, f) == -1)
		return -1;
	if (!s->why)
		s->why = changed(fd, &st);
	if (!s->why) {
		s->total.files++;
		s->total.bytes += m->size - at;
	}
	m->type = FILEMSG_CLOSE;
	m->kind = s->why != NULL;
	return channel_put(s->channel, m, f);
}

/* As above; also closes fd, and reports a file not sent whole. */
static int
one_file(struct send *s, const struct send_item *it, struct filemsg *m, int fd,
    const struct filemsg *have, struct fault *f)
{
	int code;

	if (m->path_len)
		progress_name(s->prog, m->path, m->path_len);
	else
		progress_name(s->prog, it->name, strlen(it->name));
	code = whole_file(s, m, fd, have, f);
	(void)fd_drop(fd);
	return code == 0 && s->why ? note(s, it, m, 1, s->why) : code;
}

/* Send the first waiting message. */
static int
next_turn(struct send *s, struct fault *f)
{
	struct waiting *q = &s->queue[s->at % QUEUE];
	struct filemsg have;
	int code;

	if (q->m.type == FILEMSG_END) {
		code = channel_put(s->channel, &q->m, f);
	} else {
		if (channel_hear(s->channel, &have, f) == -1)
			return -1;
		if (have.type != FILEMSG_HAVE)
			return channel_malformed(s->channel, f);
		s->asked--;
		code = one_file(s, q->it, &q->m, q->fd, &have, f);
	}
	free(q->path);
	s->at++;
	return code;
}

/* Queue a message, and fd with it. */
static int
wait_turn(struct send *s, const struct send_item *it, const struct filemsg *m,
    int fd, struct fault *f)
{
	struct waiting *q;

	while (s->asked > s->most || s->end - s->at == QUEUE)
		if (next_turn(s, f) == -1)
			return fd_drop(fd);
	q = &s->queue[s->end++ % QUEUE];
	*q = (struct waiting){.m = *m, .it = it, .fd = fd};
	q->m.rest = NULL; /* owned by the caller */
	q->m.rest_len = 0;
	q->m.path = q->path = strndup(m->path, m->path_len);
	if (!q->path)
		return fault_memory(f);
	if (m->type == FILEMSG_QUESTION) {
		s->asked++;
		if (channel_put(s->channel, m, f) == -1)
			return -1;
	}
	while (
	    s->at < s->end && (s->queue[s->at % QUEUE].m.type == FILEMSG_END ||
	                          channel_here(s->channel)))
		if (next_turn(s, f) == -1)
			return -1;
	return 0;
}

/* Send the file on fd (-1: errno says why not), now or after a question. */
static int
send_or_ask(struct send *s, const struct send_item *it, struct filemsg *m,
    int fd, struct fault *f)
{
	uint8_t sum[HASH_BYTES];
	struct stat st = {0};

	if (fd == -1 || it->fresh)
		return one_file(s, it, m, fd, NULL, f);
	(void)fstat(fd, &st);
	m->type = FILEMSG_QUESTION;
	m->size = (uint64_t)st.st_size;
	set_stat(m, &st);
	m->rest = (char *)sum;
	m->rest_len = HASH_BYTES;
	if (channel_sum(s->channel, fd, m->size, sum, f) == -1)
		return fd_drop(fd);
	return wait_turn(s, it, m, fd, f);
}

static int
send_link(struct send *s, const struct send_item *it, struct filemsg *m,
    const struct tree_entry *e, struct fault *f)
{
	char target[FILEMSG_PATH + 1];
	struct stat st;
	ssize_t n;

	n = readlinkat(e->dir, e->name, target, sizeof(target));
	if (n <= 0 || n > FILEMSG_PATH ||
	    fstatat(e->dir, e->name, &st, AT_SYMLINK_NOFOLLOW))
		return note(s, it, m, 1, "cannot read the link");
	set_stat(m, &st);
	m->type = FILEMSG_LINK;
	m->rest = target;
	m->rest_len = (size_t)n;
	return channel_put(s->channel, m, f);
}

static int
send_entry(struct send *s, const struct send_item *it,
    const struct tree_entry *e, struct fault *f)
{
	struct filemsg m = {
	    .item = it->number, .path = e->path, .path_len = e->len};
	struct stat st;

	if (++s->entries % HEED == 0) {
		if (channel_heed(s->channel, f) == -1)
			return -1;
		progress_moved(s->prog, 0);
	}
	switch (e->kind) {
	case TREE_FILE:
		if (!name_is_part(e->name, strlen(e->name)))
			return send_or_ask(s, it, &m,
			    openat(e->dir, e->name, FILE_FLAGS | O_NOFOLLOW),
			    f);
		return note(s, it, &m, 0, "skipped, it has not arrived whole");
	case TREE_LINK:
		return send_link(s, it, &m, e, f);
	case TREE_IN:
		m.type = FILEMSG_MAKE;
		return channel_put(s->channel, &m, f);
	case TREE_OUT:
		m.type = FILEMSG_END;
		if (fstat(e->dir, &st) == -1)
			return 0;
		set_stat(&m, &st);
		return wait_turn(s, it, &m, -1, f);
	case TREE_OTHER:
		return note(
		    s, it, &m, 0, "skipped, neither a file nor a folder");
	case TREE_DEEP:
		return note(s, it, &m, 1, "too deep, or its path too long");
	default:
		return note(s, it, &m, 1,
		    e->err == ENOENT ? VANISHED : strerror(e->err));
	}
}

int
send_file(struct send *s, const struct send_item *it, struct fault *f)
{
	struct filemsg m = {.item = it->number, .path = ""};

	return send_or_ask(s, it, &m, open(it->path, FILE_FLAGS), f);
}

int
send_folder(struct send *s, const struct send_item *it, struct fault *f)
{
	struct filemsg m = {
	    .type = FILEMSG_MAKE, .item = it->number, .path = ""};
	struct tree_entry e;
	struct tree *tree;
	int code = 0;

	if (channel_put(s->channel, &m, f) == -1)
		return -1;
	if (!(tree = tree_start(it->path)))
		return note(s, it, &m, 1, strerror(errno));
	while (code == 0 && tree_next(tree, &e) != TREE_END)
		code = send_entry(s, it, &e, f);
	tree_stop(tree);
	return code;
}

int
send_end(struct send *s, struct send_total *t, struct fault *f)
{
	struct filemsg m = {.type = FILEMSG_EXIT};

	while (s->at < s->end)
		if (next_turn(s, f) == -1)
			return -1;
	*t = s->total;
	m.size = t->lost;
	return channel_put(s->channel, &m, f);
}
