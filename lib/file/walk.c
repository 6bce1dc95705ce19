/* walk: files and folders as messages, in the order of the walk.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file/walk.h"

enum { HEED = 64 }; /* entries between two looks at the other side's words */
#define FILE_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* An entry is not sent (lost 1), or only worth a word: 0. */
static int
note(struct walk *w, unsigned lost, const struct filemsg *m, const char *why)
{
	w->lost += lost;
	progress_say(w->send.prog, "%s%s%.*s: %s", w->item[m->item].name,
	    m->path_len ? "/" : "",
	    (int)(m->path_len < 600 ? m->path_len : 600), m->path, why);
	return 0;
}

static int
send_file(struct walk *w, struct filemsg *m, int fd, const struct filemsg *have,
    struct fault *f)
{
	const char *name = w->item[m->item].name;
	int code;

	if (m->path_len)
		progress_name(w->send.prog, m->path, m->path_len);
	else
		progress_name(w->send.prog, name, strlen(name));
	code = send_whole(&w->send, m, fd, have, f);
	if (code == 1)
		note(w, 1, m, w->send.why);
	return code == -1 ? -1 : 0;
}

/* The first of those that wait has its turn. */
static int
serve(struct walk *w, struct fault *f)
{
	struct fwaiting *q = &w->queue[w->at++ % WALK_QUEUE];
	struct filemsg have;
	int code;

	if (q->m.type == FILEMSG_LEAVE) {
		code = channel_put(&w->send.p, &q->m, f);
	} else {
		w->asked--;
		code = send_next(&w->send, &have, f);
		if (code == 0 && have.type != FILEMSG_HAVE)
			code = channel_malformed(&w->send.p, f);
		if (code == 0)
			code = send_file(w, &q->m, q->fd, &have, f);
	}
	free(q->path);
	return code;
}

static int
drain(struct walk *w, struct fault *f)
{
	while (w->at < w->end)
		if (serve(w, f) == -1)
			return -1;
	return 0;
}

/* Let a message wait for its turn, and fd with it. */
static int
wait_turn(struct walk *w, const struct filemsg *m, int fd, struct fault *f)
{
	struct fwaiting *q;

	while (w->asked > w->most || w->end - w->at == WALK_QUEUE)
		if (serve(w, f) == -1)
			return -1;
	q = &w->queue[w->end++ % WALK_QUEUE];
	q->m = *m;
	q->fd = fd;
	q->m.rest = NULL; /* the caller's */
	q->m.rest_len = 0;
	q->m.path = q->path = strndup(m->path, m->path_len);
	if (!q->path)
		return fault_memory(f);
	if (m->type == FILEMSG_ASK) {
		w->asked++;
		if (channel_put(&w->send.p, m, f) == -1)
			return -1;
	}
	while (w->at < w->end &&
	       (w->queue[w->at % WALK_QUEUE].m.type == FILEMSG_LEAVE ||
	           channel_here(&w->send.p)))
		if (serve(w, f) == -1)
			return -1;
	return 0;
}

/* The file of that name in dir; flags: O_NOFOLLOW or 0. */
static int
send_or_ask(struct walk *w, struct filemsg *m, int dir, const char *name,
    int flags, struct fault *f)
{
	int fd = openat(dir, name, FILE_FLAGS | flags);
	uint8_t own[HASH_BYTES];
	struct stat st = {0};

	if (fd == -1 || (w->fresh[m->item / 8] >> m->item % 8 & 1))
		return send_file(w, m, fd, NULL, f);
	(void)fstat(fd, &st);
	m->type = FILEMSG_ASK;
	m->size = (uint64_t)st.st_size;
	send_stat(m, &st);
	m->rest = (char *)own;
	m->rest_len = HASH_BYTES;
	if (send_sum(&w->send, m, fd, own, f) == -1) {
		close(fd);
		return -1;
	}
	return wait_turn(w, m, fd, f);
}

static int
send_link(struct walk *w, struct filemsg *m, struct fault *f)
{
	char target[FILEMSG_PATH + 1];
	struct stat st;
	ssize_t n;

	n = readlinkat(w->tree.dir, w->tree.name, target, sizeof(target));
	if (n <= 0 || n > FILEMSG_PATH ||
	    fstatat(w->tree.dir, w->tree.name, &st, AT_SYMLINK_NOFOLLOW))
		return note(w, 1, m, "cannot read the link");
	send_stat(m, &st);
	m->type = FILEMSG_LINK;
	m->rest = target;
	m->rest_len = (size_t)n;
	return channel_put(&w->send.p, m, f);
}

/* What the walk has come to. */
static int
entry(struct walk *w, uint32_t item, struct fault *f)
{
	struct tree *tree = &w->tree;
	struct filemsg m = {
	    .item = item, .path = tree->path, .path_len = tree->len};
	struct stat st;

	if (++w->entries % HEED == 0) {
		if (channel_heed(&w->send.p, f) == -1)
			return -1;
		progress_moved(w->send.prog, 0);
	}
	switch (tree->kind) {
	case TREE_FILE:
		if (!name_is_part(tree->name, strlen(tree->name)))
			return send_or_ask(
			    w, &m, tree->dir, tree->name, O_NOFOLLOW, f);
		return note(w, 0, &m, "skipped, it has not arrived whole");
	case TREE_LINK:
		return send_link(w, &m, f);
	case TREE_IN:
		m.type = FILEMSG_ENTER;
		return channel_put(&w->send.p, &m, f);
	case TREE_OUT:
		m.type = FILEMSG_LEAVE;
		if (fstat(tree->dir, &st) == -1)
			return 0;
		send_stat(&m, &st);
		return wait_turn(w, &m, -1, f);
	case TREE_OTHER:
		return note(w, 0, &m, "skipped, neither a file nor a folder");
	case TREE_DEEP:
		return note(w, 1, &m, "too deep, or its path too long");
	default:
		return note(w, 1, &m,
		    tree->err == ENOENT ? "it vanished before it was sent"
		                        : strerror(tree->err));
	}
}

static int
send_folder(struct walk *w, uint32_t item, struct fault *f)
{
	struct filemsg m = {.type = FILEMSG_ENTER, .item = item, .path = ""};
	struct tree *tree = &w->tree;
	int code = 0;

	if (channel_put(&w->send.p, &m, f) == -1)
		return -1;
	if (tree_start(tree, w->item[item].path) == -1)
		return note(w, 1, &m, strerror(tree->err));
	while (code == 0 && tree_next(tree) != TREE_END)
		code = entry(w, item, f);
	tree_stop(tree);
	return code;
}

int
walk_send(struct walk *w, uint32_t items, struct fault *f)
{
	struct rlimit r = {.rlim_cur = FILEMSG_ASKED};
	struct filemsg m;
	uint32_t i;
	int code = 0;

	(void)getrlimit(RLIMIT_NOFILE, &r);
	w->most = r.rlim_cur / 2 < FILEMSG_ASKED ? (unsigned)r.rlim_cur / 2
	                                         : FILEMSG_ASKED - 1;
	for (i = 0; i < items && code == 0; i++) {
		m = (struct filemsg){.item = i, .path = ""};
		if (w->item[i].kind == FILEMSG_PLAIN)
			code =
			    send_or_ask(w, &m, AT_FDCWD, w->item[i].path, 0, f);
		else
			code = send_folder(w, i, f);
	}
	return code == -1 ? -1 : drain(w, f);
}
