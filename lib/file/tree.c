/* tree: walk a folder and its contents, without a list in memory.
 * SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "file/tree.h"

#define FOLDER (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

struct tree {
	char path[TREE_PATH + 1];
	DIR *folder[TREE_DEPTH];
	size_t end[TREE_DEPTH]; /* length of each one's path */
	int depth;
	int leave; /* the last entry was the end of a folder */
};

/* Enter the folder on fd, whose path has len bytes; -1 and errno. */
static int
push(struct tree *t, int fd, size_t len)
{
	DIR *folder = fd == -1 ? NULL : fdopendir(fd);

	if (!folder)
		return fd_drop(fd);
	t->folder[t->depth] = folder;
	t->end[t->depth++] = len;
	return 0;
}

struct tree *
tree_start(const char *path)
{
	struct tree *t = calloc(1, sizeof(*t));
	int err;

	if (!t || push(t, open(path, FOLDER), 0) == 0)
		return t;
	err = errno;
	free(t);
	errno = err;
	return NULL;
}

void
tree_stop(struct tree *t)
{
	while (t->depth > 0)
		closedir(t->folder[--t->depth]);
	free(t);
}

/* The entry's kind.  Not every file system gives it in d_type. */
static enum tree_kind
kind(struct tree_entry *e, unsigned char type)
{
	struct stat st;

	if (type == DT_UNKNOWN) {
		if (fstatat(e->dir, e->name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
			e->err = errno;
			return TREE_FAIL;
		}
		type = IFTODT(st.st_mode);
	}
	return type == DT_REG   ? TREE_FILE
	       : type == DT_LNK ? TREE_LINK
	       : type == DT_DIR ? TREE_IN
	                        : TREE_OTHER;
}

/* Enter the folder that is the entry. */
static enum tree_kind
enter(struct tree *t, struct tree_entry *e)
{
	if (t->depth == TREE_DEPTH)
		return TREE_DEEP;
	if (push(t, openat(e->dir, e->name, FOLDER | O_NOFOLLOW), e->len)) {
		e->err = errno;
		return TREE_FAIL;
	}
	e->dir = dirfd(t->folder[t->depth - 1]);
	return TREE_IN;
}

static enum tree_kind
step(struct tree *t, struct tree_entry *e)
{
	struct dirent *d;
	size_t n;

	if (t->leave)
		closedir(t->folder[--t->depth]);
	t->leave = 0;
	if (t->depth == 0)
		return TREE_END;
	*e = (struct tree_entry){.dir = dirfd(t->folder[t->depth - 1]),
	    .path = t->path,
	    .len = t->end[t->depth - 1]};
	t->path[e->len] = '\0';
	do {
		errno = 0;
		d = readdir(t->folder[t->depth - 1]);
	} while (
	    d && (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0));
	if (!d) {
		e->err = errno;
		t->leave = 1;
		return e->err ? TREE_FAIL : TREE_OUT;
	}
	e->name = d->d_name;
	n = strlen(e->name);
	if (e->len + 1 + n > TREE_PATH)
		return TREE_DEEP;
	if (e->len > 0)
		t->path[e->len++] = '/';
	memcpy(t->path + e->len, e->name, n + 1);
	e->len += n;
	e->kind = kind(e, d->d_type);
	return e->kind == TREE_IN ? enter(t, e) : e->kind;
}

enum tree_kind
tree_next(struct tree *t, struct tree_entry *e)
{
	return e->kind = step(t, e);
}
