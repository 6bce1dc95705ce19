/* ftree: a folder and all below it, walked on the fly in fixed memory.
 * SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ftree.h"

/* One folder being read.  The entries are read by getdents64 into a buffer of
 * our own: readdir's are 32 KiB each, too much for every level. */
struct ftree_level {
	int fd;
	size_t len; /* of its path */
	size_t at, end; /* in buf */
	_Alignas(struct dirent64) char buf[8192];
};

static int
push(struct ftree *t, int fd)
{
	struct ftree_level *l = t->level[t->depth];

	if (!l && !(l = t->level[t->depth] = malloc(sizeof(*l)))) {
		close(fd);
		return -1;
	}
	l->fd = fd;
	l->len = t->len;
	l->at = l->end = 0;
	t->depth++;
	return 0;
}

int
ftree_start(struct ftree *t, int dir)
{
	t->depth = t->leave = 0;
	t->len = 0;
	t->path[0] = '\0';
	memset(t->level, 0, sizeof(t->level));
	return push(t, dir);
}

void
ftree_stop(struct ftree *t)
{
	int i;

	while (t->depth > 0)
		close(t->level[--t->depth]->fd);
	for (i = 0; i < FTREE_DEPTH && t->level[i]; i++)
		free(t->level[i]);
	memset(t->level, 0, sizeof(t->level));
}

/* What kind of thing is it?  Not every file system says so in d_type. */
static enum ftree_kind
look(struct ftree *t, unsigned char type)
{
	struct stat st;

	if (type == DT_UNKNOWN) {
		if (fstatat(t->dir, t->name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
			t->err = errno;
			return FTREE_FAIL;
		}
		type = IFTODT(st.st_mode);
	}
	return type == DT_REG   ? FTREE_FILE
	       : type == DT_LNK ? FTREE_LINK
	       : type == DT_DIR ? FTREE_IN
	                        : FTREE_OTHER;
}

/* Go into the folder t->name. */
static enum ftree_kind
enter(struct ftree *t)
{
	int fd;

	if (t->depth == FTREE_DEPTH)
		return FTREE_DEEP;
	fd = openat(
	    t->dir, t->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1 || push(t, fd) == -1) {
		t->err = errno;
		return FTREE_FAIL;
	}
	t->dir = fd;
	return FTREE_IN;
}

static enum ftree_kind
step(struct ftree *t)
{
	struct ftree_level *l;
	struct dirent64 *d;
	ssize_t got;
	size_t n;

	if (t->leave) {
		close(t->level[--t->depth]->fd);
		t->leave = 0;
	}
	if (t->depth == 0)
		return FTREE_END;
	l = t->level[t->depth - 1];
	t->dir = l->fd;
	for (;;) {
		t->path[t->len = l->len] = '\0';
		if (l->at == l->end) {
			got = getdents64(l->fd, l->buf, sizeof(l->buf));
			/* A folder removed while it is read is at its end. */
			if (got <= 0 && (got == 0 || errno == ENOENT)) {
				t->leave = 1;
				return FTREE_OUT;
			}
			if (got < 0) {
				t->err = errno;
				t->leave = 1;
				return FTREE_FAIL;
			}
			l->at = 0;
			l->end = (size_t)got;
		}
		d = (struct dirent64 *)(void *)(l->buf + l->at);
		l->at += d->d_reclen;
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			break;
	}
	t->name = d->d_name;
	n = strlen(t->name);
	if (t->len + 1 + n > FTREE_PATH)
		return FTREE_DEEP;
	if (t->len > 0)
		t->path[t->len++] = '/';
	memcpy(t->path + t->len, t->name, n + 1);
	t->len += n;
	t->kind = look(t, d->d_type);
	return t->kind == FTREE_IN ? enter(t) : t->kind;
}

enum ftree_kind
ftree_next(struct ftree *t)
{
	return t->kind = step(t);
}
