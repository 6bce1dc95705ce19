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
#include "fname.h"
#include "fput.h"
#include "fsend.h"
#include "ftree.h"
#include "tick.h"

enum {
	COUNT = 1000, /* milliseconds to count the folders of an offer */
	QUEUE = 256 << 10, /* bytes of entries that wait for an answer */
	HEED = 64 /* entries sent between two looks at the other side's words */
};
#define FILE_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* An entry that waits for its turn; its path follows. */
struct waiting {
	uint8_t type; /* FWIRE_FILE or FWIRE_LEAVE */
	uint16_t mode, len;
	uint32_t item, nsec;
	int64_t sec;
};

struct put {
	const struct fput *g;
	struct fpipe p;
	struct fsend send;
	struct ftree tree;
	char (*name)[FNAME_MAX + 1]; /* of each item */
	char *kind; /* FWIRE_PLAIN or FWIRE_FOLDER */
	uint8_t *fresh; /* the other side's bits: nothing is there */
	uint8_t *queue;
	size_t at, end; /* of what waits */
	unsigned asked; /* files that wait */
	int top; /* the folder being sent */
	unsigned entries;
	uint64_t lost, total;
};

/* An entry is not sent, or only worth a word. */
static __attribute__((format(printf, 5, 6))) void
note(struct put *t, int hard, uint32_t item, const char *path, const char *fmt,
    ...)
{
	char why[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	t->lost += (uint64_t)hard;
	fprog_say(t->g->prog, "%s%s%.600s: %s", t->name[item], *path ? "/" : "",
	    path, why);
}

/* The next message that is no mere word. */
static int
next(void *arg, struct fwire *m, struct fault *f)
{
	struct put *t = arg;
	int got;

	do {
		got = fpipe_get(&t->p, m, f);
		if (got == 0)
			return fault(f, X_PEER, "the session was broken off");
		if (got == 1 && m->type == FWIRE_LOST)
			fprog_say(t->g->prog, "%s: %.*s", t->g->peer,
			    (int)m->rest_len, m->rest);
	} while (got == 1 && m->type == FWIRE_LOST);
	return got;
}

static int
unexpected(struct put *t, struct fault *f)
{
	return fault(
	    f, X_PEER, "%s sent a message that breaks the rules", t->g->peer);
}

/* The name an operand goes by. */
static int
basename_of(char out[static FNAME_MAX + 1], const char *path, struct fault *f)
{
	char real[4096];
	const char *end, *name;
	int again;

	for (again = 0;; again = 1) {
		end = path + strlen(path);
		while (end > path && end[-1] == '/')
			end--;
		for (name = end; name > path && name[-1] != '/'; name--)
			;
		if (fname_good(name, (size_t)(end - name), 1))
			break;
		if (again || !realpath(path, real) || !real[1])
			return fault(
			    f, X_USE, "%s: has no name to send it under", path);
		path = real;
	}
	if (fname_is_part(name, (size_t)(end - name)))
		return fault(f, X_USE,
		    "%s: the part of a file that has not arrived whole", path);
	memcpy(out, name, (size_t)(end - name));
	out[end - name] = '\0';
	return 0;
}

/* Files and bytes in a folder, as far as time allows.  1 if that was all. */
static int
count(struct put *t, const char *path, int64_t until, struct fwire *m)
{
	struct ftree *w = &t->tree;
	struct stat st;
	unsigned i;
	int all = 1;

	if (ftree_start(w, path) == -1)
		return 1;
	for (i = 0; ftree_next(w) != FTREE_END; i++) {
		if (i % 256 == 255 && tick_ms() > until) {
			all = 0;
			break;
		}
		if (w->kind != FTREE_FILE ||
		    fstatat(w->dir, w->name, &st, AT_SYMLINK_NOFOLLOW) == -1)
			continue;
		m->count++;
		m->size += (uint64_t)st.st_size;
	}
	ftree_stop(w);
	return all;
}

static int
offer(struct put *t, struct fault *f)
{
	struct fwire m = {.type = FWIRE_OPEN,
	    .kind = 'p',
	    .rest = FWIRE_HELLO,
	    .rest_len = sizeof(FWIRE_HELLO) - 1};
	int64_t until = tick_ms() + COUNT;
	uint64_t total = 0;
	struct stat st;
	int exact = 1;
	size_t i;

	if (fpipe_put(&t->p, &m, f) == -1)
		return -1;
	for (i = 0; i < t->g->n; i++) {
		m = (struct fwire){.type = FWIRE_ITEM,
		    .kind = FWIRE_PLAIN,
		    .rest = t->name[i],
		    .rest_len = strlen(t->name[i])};
		if (stat(t->g->path[i], &st) == -1)
			memset(&st, 0, sizeof(st));
		m.size = (uint64_t)st.st_size;
		if (S_ISDIR(st.st_mode)) {
			m.kind = FWIRE_FOLDER;
			m.size = 0;
			if (!count(t, t->g->path[i], until, &m))
				m.kind = FWIRE_ATLEAST;
			exact &= m.kind == FWIRE_FOLDER;
		}
		total += m.size;
		if (fpipe_put(&t->p, &m, f) == -1)
			return -1;
	}
	t->total = exact ? total : 0;
	m.type = FWIRE_LAST;
	return fpipe_put(&t->p, &m, f) == -1 ? -1 : fpipe_flush(&t->p, f);
}

static int
accepted(struct put *t, struct fault *f)
{
	struct fwire m;

	if (!fpipe_ready(&t->p, 1000) && t->g->prog->on)
		fprog_say(t->g->prog, "waiting for %s to accept", t->g->peer);
	if (next(t, &m, f) == -1)
		return -1;
	if (m.type != FWIRE_OPEN || m.kind != 'g' ||
	    m.rest_len != sizeof(FWIRE_HELLO) - 1 ||
	    memcmp(m.rest, FWIRE_HELLO, m.rest_len) != 0)
		return fault(f, X_PEER,
		    "%s is not receiving files "
		    "(chat-file get)",
		    t->g->peer);
	if (next(t, &m, f) == -1)
		return -1;
	if (m.type != FWIRE_TAKE || m.rest_len != (t->g->n + 7) / 8)
		return unexpected(t, f);
	memcpy(t->fresh, m.rest, m.rest_len);
	fprog_begin(t->g->prog, t->total);
	return 0;
}

static int
is_fresh(const struct put *t, uint32_t item)
{
	return t->fresh[item / 8] >> item % 8 & 1;
}

static int
send_file(struct put *t, uint32_t item, const char *path, int fd,
    const struct fwire *have, struct fault *f)
{
	struct fwire m = {.item = item, .path = path, .path_len = strlen(path)};
	const char *shown = *path ? path : t->name[item];
	int code;

	fprog_name(t->g->prog, shown, strlen(shown));
	code = fsend_file(&t->send, &m, fd, have, f);
	if (code == 1)
		note(t, 1, item, path, "%s", t->send.why);
	return code == -1 ? -1 : 0;
}

/* The first of those that wait has its turn. */
static int
serve(struct put *t, struct fault *f)
{
	char path[FTREE_PATH + 1];
	struct waiting w;
	struct fwire m, have;
	uint8_t kept[8 * FWIRE_KEPT];
	int fd;

	memcpy(&w, t->queue + t->at, sizeof(w));
	memcpy(path, t->queue + t->at + sizeof(w), w.len);
	path[w.len] = '\0';
	t->at += sizeof(w) + w.len;
	if (w.type == FWIRE_LEAVE) {
		m = (struct fwire){.type = w.type,
		    .item = w.item,
		    .mode = w.mode,
		    .sec = w.sec,
		    .nsec = w.nsec,
		    .path = path,
		    .path_len = w.len};
		return fpipe_put(&t->p, &m, f);
	}
	t->asked--;
	if (next(t, &have, f) == -1)
		return -1;
	if (have.type != FWIRE_HAVE)
		return unexpected(t, f);
	memcpy(kept, have.rest, have.rest_len);
	have.rest = (char *)kept;
	fd = w.len ? beneath_open(t->top, path, FILE_FLAGS)
	           : open(t->g->path[w.item], FILE_FLAGS);
	return send_file(t, w.item, path, fd, &have, f);
}

static int
drain(struct put *t, struct fault *f)
{
	while (t->at < t->end)
		if (serve(t, f) == -1)
			return -1;
	return 0;
}

/* Let an entry wait for its turn; m as for the other side. */
static int
wait_turn(struct put *t, const struct fwire *m, struct fault *f)
{
	struct waiting w = {
	    m->type, m->mode, (uint16_t)m->path_len, m->item, m->nsec, m->sec};
	struct waiting first;
	struct fwire ask = *m;

	ask.type = FWIRE_ASK;
	while (t->asked == FWIRE_ASKED ||
	       t->end - t->at + sizeof(w) + w.len > QUEUE)
		if (serve(t, f) == -1)
			return -1;
	if (t->end + sizeof(w) + w.len > QUEUE) {
		memmove(t->queue, t->queue + t->at, t->end - t->at);
		t->end -= t->at;
		t->at = 0;
	}
	memcpy(t->queue + t->end, &w, sizeof(w));
	memcpy(t->queue + t->end + sizeof(w), m->path, w.len);
	t->end += sizeof(w) + w.len;
	if (m->type == FWIRE_FILE) {
		t->asked++;
		if (fpipe_put(&t->p, &ask, f) == -1)
			return -1;
	}
	while (t->at < t->end) {
		memcpy(&first, t->queue + t->at, sizeof(first));
		if (first.type == FWIRE_FILE && !fpipe_peek(&t->p))
			break;
		if (serve(t, f) == -1)
			return -1;
	}
	return 0;
}

static int
link_entry(struct put *t, struct fwire *m, struct fault *f)
{
	char target[FWIRE_PATH + 1];
	struct stat st;
	ssize_t n;

	n = readlinkat(t->tree.dir, t->tree.name, target, sizeof(target));
	if (n <= 0 || n > FWIRE_PATH ||
	    fstatat(t->tree.dir, t->tree.name, &st, AT_SYMLINK_NOFOLLOW)) {
		note(t, 1, m->item, t->tree.path, "cannot read the link");
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
		fprog_moved(t->g->prog, 0);
	}
	switch (w->kind) {
	case FTREE_FILE:
		if (fname_is_part(w->name, strlen(w->name))) {
			note(t, 0, item, w->path,
			    "skipped, it has not arrived whole");
			return 0;
		}
		if (is_fresh(t, item))
			return send_file(t, item, w->path,
			    openat(w->dir, w->name, FILE_FLAGS | O_NOFOLLOW),
			    NULL, f);
		m.type = FWIRE_FILE;
		if (fstatat(w->dir, w->name, &st, AT_SYMLINK_NOFOLLOW) == -1)
			st.st_size = 0;
		m.size = (uint64_t)st.st_size;
		return wait_turn(t, &m, f);
	case FTREE_LINK:
		return link_entry(t, &m, f);
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
		note(t, 0, item, w->path,
		    "skipped, neither a file nor a folder");
		return 0;
	case FTREE_DEEP:
		note(t, 1, item, w->path, "too deep, or its path too long");
		return 0;
	default:
		note(t, 1, item, w->path, "%s",
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
	if (ftree_start(w, t->g->path[item]) == -1) {
		note(t, 1, item, "", "%s", strerror(w->err));
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
	struct fwire m = {.type = FWIRE_FILE, .path = ""};
	struct stat st;
	size_t i;
	int code = 0;

	for (i = 0; i < t->g->n && code == 0; i++) {
		m.item = (uint32_t)i;
		if (stat(t->g->path[i], &st) == -1)
			st = (struct stat){.st_mode = S_IFREG};
		m.size = (uint64_t)st.st_size;
		if (t->kind[i] == FWIRE_FOLDER)
			code = send_folder(t, m.item, f);
		else if (is_fresh(t, m.item))
			code = send_file(t, m.item, "",
			    open(t->g->path[i], FILE_FLAGS), NULL, f);
		else
			code = wait_turn(t, &m, f);
	}
	return code == -1 ? -1 : drain(t, f);
}

static int
receipt(struct put *t, struct fault *f)
{
	struct fwire m = {.type = FWIRE_DONE, .size = t->lost};
	struct fault ignored;

	if (fpipe_put(&t->p, &m, f) == -1 || next(t, &m, f) == -1)
		return -1;
	if (m.type != FWIRE_KEEP)
		return unexpected(t, f);
	t->lost = m.count > t->lost ? m.count : t->lost;
	/* That the receipt was heard; whatever becomes of it. */
	m = (struct fwire){.type = FWIRE_DONE};
	if (fpipe_put(&t->p, &m, &ignored) == 0 &&
	    fpipe_flush(&t->p, &ignored) == 0)
		fpipe_part(&t->p, FPIPE_LONG, 0);
	return 0;
}

static int
start(struct put *t, struct fault *f)
{
	size_t i;
	struct stat st;

	if (t->g->n > FWIRE_ITEMS)
		return fault(f, X_USE, "more than %d files and folders at once",
		    FWIRE_ITEMS);
	t->name = malloc(t->g->n * sizeof(*t->name));
	t->kind = malloc(t->g->n);
	t->fresh = malloc((t->g->n + 7) / 8);
	t->queue = malloc(QUEUE);
	if (!t->name || !t->kind || !t->fresh || !t->queue)
		return fault_sys(f, X_SYS, "no memory");
	for (i = 0; i < t->g->n; i++) {
		if (stat(t->g->path[i], &st) == -1)
			return fault_sys(f, X_USE, "%s", t->g->path[i]);
		if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
			return fault(f, X_USE,
			    "%s: neither a file nor a folder", t->g->path[i]);
		t->kind[i] = S_ISDIR(st.st_mode) ? FWIRE_FOLDER : FWIRE_PLAIN;
		if (basename_of(t->name[i], t->g->path[i], f) == -1)
			return -1;
	}
	return fpipe_start(&t->p, t->g->in, t->g->out, 0, f);
}

int
fput_run(const struct fput *g, struct fault *f)
{
	static struct put t;
	struct fault why = {0};
	struct fwire m;

	t = (struct put){.g = g};
	t.send =
	    (struct fsend){.p = &t.p, .prog = g->prog, .next = next, .arg = &t};
	if (start(&t, f) == -1)
		return -1;
	t.p.peer = g->peer;
	if (offer(&t, f) == 0 && accepted(&t, f) == 0 && send_all(&t, f) == 0 &&
	    receipt(&t, f) == 0)
		return t.lost > 0;
	/* Where writing failed, the reason may be on its way. */
	while (t.p.dead && !t.p.heard && fpipe_ready(&t.p, 2000) &&
	       fpipe_get(&t.p, &m, &why) == 1)
		;
	if (t.p.dead && t.p.heard)
		*f = why;
	if (t.p.heard)
		fpipe_part(&t.p, FPIPE_SHORT, 0);
	return -1;
}
