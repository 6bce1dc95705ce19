/* fwalk: files and folders as messages, in the order of the walk.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fwalk.h"

enum { HEED = 64 }; /* entries between two looks at the other side's words */
#define FILE_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* An entry is not sent (lost 1), or only worth a word: 0. */
static int
note(struct fwalk *w, unsigned lost, const struct fwire *m, const char *why)
{
	w->lost += lost;
	fprog_say(w->send.prog, "%s%s%.*s: %s", w->item[m->item].name,
	    m->path_len ? "/" : "",
	    (int)(m->path_len < 600 ? m->path_len : 600), m->path, why);
	return 0;
}

static int
send_file(struct fwalk *w, struct fwire *m, int fd, const struct fwire *have,
    struct fault *f)
{
	const char *name = w->item[m->item].name;
	int code;

	if (m->path_len)
		fprog_name(w->send.prog, m->path, m->path_len);
	else
		fprog_name(w->send.prog, name, strlen(name));
	code = fsend_file(&w->send, m, fd, have, f);
	if (code == 1)
		note(w, 1, m, w->send.why);
	return code == -1 ? -1 : 0;
}

/* The first of those that wait has its turn. */
static int
serve(struct fwalk *w, struct fault *f)
{
	struct fwaiting *q = &w->queue[w->at++ % FWALK_QUEUE];
	struct fwire have;
	int code;

	if (q->m.type == FWIRE_LEAVE) {
		code = fpipe_put(&w->send.p, &q->m, f);
	} else {
		w->asked--;
		code = fsend_next(&w->send, &have, f);
		if (code == 0 && have.type != FWIRE_HAVE)
			code = fpipe_malformed(&w->send.p, f);
		if (code == 0)
			code = send_file(w, &q->m, q->fd, &have, f);
	}
	free(q->path);
	return code;
}

static int
drain(struct fwalk *w, struct fault *f)
{
	while (w->at < w->end)
		if (serve(w, f) == -1)
			return -1;
	return 0;
}

/* Let a message wait for its turn, and fd with it. */
static int
wait_turn(struct fwalk *w, const struct fwire *m, int fd, struct fault *f)
{
	struct fwaiting *q;

	while (w->asked > w->most || w->end - w->at == FWALK_QUEUE)
		if (serve(w, f) == -1)
			return -1;
	q = &w->queue[w->end++ % FWALK_QUEUE];
	q->m = *m;
	q->fd = fd;
	q->m.path = q->path = strndup(m->path, m->path_len);
	if (!q->path)
		return fault_sys(f, X_SYS, "no memory");
	if (m->type == FWIRE_ASK) {
		w->asked++;
		if (fpipe_put(&w->send.p, m, f) == -1)
			return -1;
	}
	while (w->at < w->end &&
	       (w->queue[w->at % FWALK_QUEUE].m.type == FWIRE_LEAVE ||
	           fpipe_here(&w->send.p)))
		if (serve(w, f) == -1)
			return -1;
	return 0;
}

/* The file of that name in dir; flags: O_NOFOLLOW or 0. */
static int
send_or_ask(struct fwalk *w, struct fwire *m, int dir, const char *name,
    int flags, struct fault *f)
{
	int fd = openat(dir, name, FILE_FLAGS | flags);
	struct stat st = {0};

	if (fd == -1 || (w->fresh[m->item / 8] >> m->item % 8 & 1))
		return send_file(w, m, fd, NULL, f);
	(void)fstat(fd, &st);
	m->type = FWIRE_ASK;
	m->size = (uint64_t)st.st_size;
	return wait_turn(w, m, fd, f);
}

static int
send_link(struct fwalk *w, struct fwire *m, struct fault *f)
{
	char target[FWIRE_PATH + 1];
	struct stat st;
	ssize_t n;

	n = readlinkat(w->tree.dir, w->tree.name, target, sizeof(target));
	if (n <= 0 || n > FWIRE_PATH ||
	    fstatat(w->tree.dir, w->tree.name, &st, AT_SYMLINK_NOFOLLOW))
		return note(w, 1, m, "cannot read the link");
	fsend_stat(m, &st);
	m->type = FWIRE_LINK;
	m->rest = target;
	m->rest_len = (size_t)n;
	return fpipe_put(&w->send.p, m, f);
}

/* What the walk has come to. */
static int
entry(struct fwalk *w, uint32_t item, struct fault *f)
{
	struct ftree *tree = &w->tree;
	struct fwire m = {
	    .item = item, .path = tree->path, .path_len = tree->len};
	struct stat st;

	if (++w->entries % HEED == 0) {
		if (fpipe_heed(&w->send.p, f) == -1)
			return -1;
		fprog_moved(w->send.prog, 0);
	}
	switch (tree->kind) {
	case FTREE_FILE:
		if (!fname_is_part(tree->name, strlen(tree->name)))
			return send_or_ask(
			    w, &m, tree->dir, tree->name, O_NOFOLLOW, f);
		return note(w, 0, &m, "skipped, it has not arrived whole");
	case FTREE_LINK:
		return send_link(w, &m, f);
	case FTREE_IN:
		m.type = FWIRE_ENTER;
		return fpipe_put(&w->send.p, &m, f);
	case FTREE_OUT:
		m.type = FWIRE_LEAVE;
		if (fstat(tree->dir, &st) == -1)
			return 0;
		fsend_stat(&m, &st);
		return wait_turn(w, &m, -1, f);
	case FTREE_OTHER:
		return note(w, 0, &m, "skipped, neither a file nor a folder");
	case FTREE_DEEP:
		return note(w, 1, &m, "too deep, or its path too long");
	default:
		return note(w, 1, &m,
		    tree->err == ENOENT ? "it vanished before it was sent"
		                        : strerror(tree->err));
	}
}

static int
send_folder(struct fwalk *w, uint32_t item, struct fault *f)
{
	struct fwire m = {.type = FWIRE_ENTER, .item = item, .path = ""};
	struct ftree *tree = &w->tree;
	int code = 0;

	if (fpipe_put(&w->send.p, &m, f) == -1)
		return -1;
	if (ftree_start(tree, w->item[item].path) == -1)
		return note(w, 1, &m, strerror(tree->err));
	while (code == 0 && ftree_next(tree) != FTREE_END)
		code = entry(w, item, f);
	ftree_stop(tree);
	return code;
}

int
fwalk_send(struct fwalk *w, uint32_t items, struct fault *f)
{
	struct rlimit r = {.rlim_cur = FWIRE_ASKED};
	struct fwire m;
	uint32_t i;
	int code = 0;

	(void)getrlimit(RLIMIT_NOFILE, &r);
	w->most = r.rlim_cur / 2 < FWIRE_ASKED ? (unsigned)r.rlim_cur / 2
	                                       : FWIRE_ASKED - 1;
	for (i = 0; i < items && code == 0; i++) {
		m = (struct fwire){.item = i, .path = ""};
		if (w->item[i].kind == FWIRE_PLAIN)
			code =
			    send_or_ask(w, &m, AT_FDCWD, w->item[i].path, 0, f);
		else
			code = send_folder(w, i, f);
	}
	return code == -1 ? -1 : drain(w, f);
}
