/* tree: a folder and all below it, walked on the fly.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "file/tree.h"

#define FOLDER (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

/* Go on in the folder fd is open on; -1 and errno where it is none. */
static int
push(struct tree *t, int fd)
{
	DIR *folder = fd == -1 ? NULL : fdopendir(fd);

	if (!folder) {
		t->err = errno;
		return fd_drop(fd);
	}
	t->folder[t->depth] = folder;
	t->end[t->depth++] = t->len;
	t->dir = fd;
	return 0;
}

int
tree_start(struct tree *t, const char *path)
{
	t->depth = t->leave = 0;
	t->len = 0;
	return push(t, open(path, FOLDER));
}

void
tree_stop(struct tree *t)
{
	while (t->depth > 0)
		closedir(t->folder[--t->depth]);
}

/* What kind of thing is it?  Not every file system says so in d_type. */
static enum tree_kind
look(struct tree *t, unsigned char type)
{
	struct stat st;

	if (type == DT_UNKNOWN) {
		if (fstatat(t->dir, t->name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
			t->err = errno;
			return TREE_FAIL;
		}
		type = IFTODT(st.st_mode);
	}
	return type == DT_REG   ? TREE_FILE
	       : type == DT_LNK ? TREE_LINK
	       : type == DT_DIR ? TREE_IN
	                        : TREE_OTHER;
}

static enum tree_kind
step(struct tree *t)
{
	struct dirent *d;
	size_t n;

	if (t->leave)
		closedir(t->folder[--t->depth]);
	t->leave = 0;
	if (t->depth == 0)
		return TREE_END;
	t->dir = dirfd(t->folder[t->depth - 1]);
	t->len = t->end[t->depth - 1];
	t->path[t->len] = '\0';
	do {
		errno = 0;
		d = readdir(t->folder[t->depth - 1]);
	} while (
	    d && (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0));
	if (!d) {
		t->err = errno;
		t->leave = 1;
		return t->err ? TREE_FAIL : TREE_OUT;
	}
	t->name = d->d_name;
	n = strlen(t->name);
	if (t->len + 1 + n > TREE_PATH)
		return TREE_DEEP;
	if (t->len > 0)
		t->path[t->len++] = '/';
	memcpy(t->path + t->len, t->name, n + 1);
	t->len += n;
	t->kind = look(t, d->d_type);
	if (t->kind != TREE_IN)
		return t->kind;
	if (t->depth == TREE_DEPTH)
		return TREE_DEEP;
	return push(t, openat(t->dir, t->name, FOLDER | O_NOFOLLOW)) == 0
	           ? TREE_IN
	           : TREE_FAIL;
}

enum tree_kind
tree_next(struct tree *t)
{
	return t->kind = step(t);
}
