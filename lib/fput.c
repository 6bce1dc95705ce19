/* fput: the side of chat-file that sends.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "beneath.h"
#include "fitem.h"
#include "fput.h"
#include "fsend.h"
#include "tick.h"

enum {
	COUNT = 1000, /* milliseconds to count the folders of an offer */
	QUEUE = 256 << 10, /* bytes of entries that wait for an answer */
	HEED = 64 /* entries sent between two looks at the other side's words */
};
#define FILE_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

struct put {
	struct fpipe p;
	struct fprog *prog;
	struct fsend send;
	struct ftree tree;
	struct fitem *item;
	size_t n;
	uint8_t fresh[FWIRE_ITEMS / 8]; /* the other side's bits */
	/* Messages that wait for their turn: a FWIRE_ASK that was sent stands
	 * for its file, FWIRE_LEAVE is for after those. */
	uint8_t queue[QUEUE];
	size_t at, end; /* of what waits */
	unsigned asked; /* files that wait */
	int top; /* the folder being sent */
	unsigned entries;
	uint64_t lost;
};

/* An entry is not sent, or only worth a word. */
static __attribute__((format(printf, 4, 5))) void
note(struct put *t, int hard, const struct fwire *m, const char *fmt, ...)
{
	char why[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	t->lost += (uint64_t)hard;
	fprog_say(t->prog, "%s%s%.*s: %s", t->item[m->item].name,
	    m->path_len ? "/" : "",
	    (int)(m->path_len < 600 ? m->path_len : 600), m->path, why);
}

static int
offer(struct put *t, struct fault *f)
{
	struct fwire m = {.type = FWIRE_LAST};
	int64_t until = tick_ms() + COUNT;
	uint64_t total = 0;
	struct fitem *i;
	int exact = 1;

	if (fpipe_hello(&t->p, 'p', f) == -1)
		return -1;
	for (i = t->item; i < t->item + t->n; i++) {
		if (i->kind == FWIRE_FOLDER)
			fitem_count(i, &t->tree, until);
		exact &= i->kind != FWIRE_ATLEAST;
		total += i->size;
		m = (struct fwire){.type = FWIRE_ITEM,
		    .kind = i->kind,
		    .size = i->size,
		    .count = i->count,
		    .rest = i->name,
		    .rest_len = strlen(i->name)};
		if (fpipe_put(&t->p, &m, f) == -1)
			return -1;
	}
	m.type = FWIRE_LAST;
	if (fpipe_put(&t->p, &m, f) == -1 || fpipe_flush(&t->p, f) == -1)
		return -1;
	if (!fpipe_ready(&t->p, 1000) && t->prog->on)
		fprog_say(t->prog, "waiting for %s to accept", t->p.peer);
	if (fpipe_met(&t->p, 'g', f) == -1 || fsend_next(&t->send, &m, f) == -1)
		return -1;
	if (m.type != FWIRE_TAKE || m.rest_len != (t->n + 7) / 8)
		return fpipe_malformed(&t->p, f);
	memcpy(t->fresh, m.rest, m.rest_len);
	fprog_begin(t->prog, exact ? total : 0);
	return 0;
}

static int
send_file(struct put *t, struct fwire *m, int fd, const struct fwire *have,
    struct fault *f)
{
	const char *name = t->item[m->item].name;
	int code;

	if (m->path_len)
		fprog_name(t->prog, m->path, m->path_len);
	else
		fprog_name(t->prog, name, strlen(name));
	code = fsend_file(&t->send, m, fd, have, f);
	if (code == 1)
		note(t, 1, m, "%s", t->send.why);
	return code == -1 ? -1 : 0;
}

/* The first of those that wait has its turn. */
static int
serve(struct put *t, struct fault *f)
{
	const uint8_t *head = t->queue + t->at;
	size_t n = (size_t)fwire_body(head);
	char path[FTREE_PATH + 1];
	struct fwire m, have;
	int fd;

	t->at += FWIRE_HEAD + n;
	(void)fwire_get(&m, head, head + FWIRE_HEAD, n);
	if (m.type == FWIRE_LEAVE)
		return fpipe_put(&t->p, &m, f);
	t->asked--;
	if (fsend_next(&t->send, &have, f) == -1)
		return -1;
	if (have.type != FWIRE_HAVE)
		return fpipe_malformed(&t->p, f);
	snprintf(path, sizeof(path), "%.*s", (int)m.path_len, m.path);
	fd = *path ? beneath_open(t->top, path, FILE_FLAGS)
	           : open(t->item[m.item].path, FILE_FLAGS);
	return send_file(t, &m, fd, &have, f);
}

static int
drain(struct put *t, struct fault *f)
{
	while (t->at < t->end)
		if (serve(t, f) == -1)
			return -1;
	return 0;
}

/* Let a message wait for its turn. */
static int
wait_turn(struct put *t, const struct fwire *m, struct fault *f)
{
	const size_t most = FWIRE_HEAD + FWIRE_BODY;

	while (t->asked == FWIRE_ASKED || t->end - t->at > QUEUE - most)
		if (serve(t, f) == -1)
			return -1;
	if (t->end > QUEUE - most) {
		t->end -= t->at;
		memmove(t->queue, t->queue + t->at, t->end);
		t->at = 0;
	}
	t->end += fwire_put(t->queue + t->end, m);
	if (m->type == FWIRE_ASK) {
		t->asked++;
		if (fpipe_put(&t->p, m, f) == -1)
			return -1;
	}
	while (t->at < t->end &&
	       (t->queue[t->at] == FWIRE_LEAVE || fpipe_peek(&t->p)))
		if (serve(t, f) == -1)
			return -1;
	return 0;
}

/* The file of that name in dir; nofollow: AT_SYMLINK_NOFOLLOW or 0. */
static int
send_or_ask(struct put *t, struct fwire *m, int dir, const char *name,
    int nofollow, struct fault *f)
{
	int flags = FILE_FLAGS | (nofollow ? O_NOFOLLOW : 0);
	struct stat st;

	if (t->fresh[m->item / 8] >> m->item % 8 & 1)
		return send_file(t, m, openat(dir, name, flags), NULL, f);
	if (fstatat(dir, name, &st, nofollow) == -1)
		st.st_size = 0;
	m->type = FWIRE_ASK;
	m->size = (uint64_t)st.st_size;
	return wait_turn(t, m, f);
}

static int
send_link(struct put *t, struct fwire *m, struct fault *f)
{
	char target[FWIRE_PATH + 1];
	struct stat st;
	ssize_t n;

	n = readlinkat(t->tree.dir, t->tree.name, target, sizeof(target));
	if (n <= 0 || n > FWIRE_PATH ||
	    fstatat(t->tree.dir, t->tree.name, &st, AT_SYMLINK_NOFOLLOW)) {
		note(t, 1, m, "cannot read the link");
		return 0;
	}
	fsend_stat(m, &st);
	m->type = FWIRE_LINK;
	m->rest = target;
	m->rest_len = (size_t)n;
	return fpipe_put(&t->p, m, f);
}

/* What the walk has come to. */
static int
entry(struct put *t, uint32_t item, struct fault *f)
{
	struct ftree *w = &t->tree;
	struct fwire m = {.item = item, .path = w->path, .path_len = w->len};
	struct stat st;

	if (++t->entries % HEED == 0) {
		if (fpipe_heed(&t->p, f) == -1)
			return -1;
		fprog_moved(t->prog, 0);
	}
	switch (w->kind) {
	case FTREE_FILE:
		if (!fname_is_part(w->name, strlen(w->name)))
			return send_or_ask(
			    t, &m, w->dir, w->name, AT_SYMLINK_NOFOLLOW, f);
		note(t, 0, &m, "skipped, it has not arrived whole");
		return 0;
	case FTREE_LINK:
		return send_link(t, &m, f);
	case FTREE_IN:
		m.type = FWIRE_ENTER;
		return fpipe_put(&t->p, &m, f);
	case FTREE_OUT:
		m.type = FWIRE_LEAVE;
		if (fstat(w->dir, &st) == -1)
			return 0;
		fsend_stat(&m, &st);
		return wait_turn(t, &m, f);
	case FTREE_OTHER:
		note(t, 0, &m, "skipped, neither a file nor a folder");
		return 0;
	case FTREE_DEEP:
		note(t, 1, &m, "too deep, or its path too long");
		return 0;
	default:
		note(t, 1, &m, "%s",
		    w->err == ENOENT ? "it vanished before it was sent"
		                     : strerror(w->err));
		return 0;
	}
}

static int
send_folder(struct put *t, uint32_t item, struct fault *f)
{
	struct fwire m = {.type = FWIRE_ENTER, .item = item, .path = ""};
	struct ftree *w = &t->tree;
	int code = 0;

	if (fpipe_put(&t->p, &m, f) == -1)
		return -1;
	if (ftree_start(w, t->item[item].path) == -1) {
		note(t, 1, &m, "%s", strerror(w->err));
		return 0;
	}
	t->top = w->dir;
	while (code == 0 && ftree_next(w) != FTREE_END) {
		code = entry(t, item, f);
		/* What waits is opened from the folder that is left now. */
		if (code == 0 && w->len == 0)
			code = drain(t, f);
	}
	ftree_stop(w);
	return code;
}

static int
send_all(struct put *t, struct fault *f)
{
	struct fwire m;
	uint32_t i;
	int code = 0;

	for (i = 0; i < t->n && code == 0; i++) {
		m = (struct fwire){.item = i, .path = ""};
		code = t->item[i].kind == FWIRE_PLAIN
		           ? send_or_ask(t, &m, AT_FDCWD, t->item[i].path, 0, f)
		           : send_folder(t, i, f);
	}
	return code == -1 ? -1 : drain(t, f);
}

static int
receipt(struct put *t, struct fault *f)
{
	struct fwire m = {.type = FWIRE_DONE, .size = t->lost};
	struct fault ignored;

	if (fpipe_put(&t->p, &m, f) == -1 || fsend_next(&t->send, &m, f) == -1)
		return -1;
	if (m.type != FWIRE_KEEP)
		return fpipe_malformed(&t->p, f);
	t->lost = m.count > t->lost ? m.count : t->lost;
	/* That the receipt was heard; whatever becomes of it. */
	m = (struct fwire){.type = FWIRE_DONE};
	if (fpipe_put(&t->p, &m, &ignored) == 0 &&
	    fpipe_flush(&t->p, &ignored) == 0)
		fpipe_part(&t->p, FPIPE_LONG, 0);
	return 0;
}

int
fput_run(char *const *path, size_t n, const char *peer, struct fprog *prog,
    struct fault *f)
{
	static struct put t;
	struct fault why = {0};
	struct fwire m;
	size_t i;

	if (n > FWIRE_ITEMS)
		return fault(f, X_USE, "more than %d files and folders at once",
		    FWIRE_ITEMS);
	if (!(t.item = calloc(n, sizeof(*t.item))))
		return fault_sys(f, X_SYS, "no memory");
	for (i = 0; i < n; i++)
		if (fitem_look(&t.item[i], path[i], f) == -1)
			return -1;
	t.n = n;
	t.prog = prog;
	t.send = (struct fsend){.p = &t.p, .prog = prog};
	fpipe_start(&t.p, 0, 1, 0, peer);
	if (offer(&t, f) == 0 && send_all(&t, f) == 0 && receipt(&t, f) == 0)
		return t.lost > 0;
	/* Where writing failed, the reason may be on its way. */
	while (t.p.dead && !t.p.heard && fpipe_ready(&t.p, 2000) &&
	       fpipe_get(&t.p, &m, &why) == 0)
		;
	if (t.p.dead && t.p.heard)
		*f = why;
	if (t.p.heard)
		fpipe_part(&t.p, FPIPE_SHORT, 0);
	return -1;
}
