/* ftree: a folder and all below it, walked on the fly.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fds.h"
#include "ftree.h"

#define FOLDER (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

/* Go on in the folder fd is open on; -1 and errno where it is none. */
static int
push(struct ftree *t, int fd)
{
	DIR *folder = fd == -1 ? NULL : fdopendir(fd);

	if (!folder) {
		t->err = errno;
		return fds_drop(fd);
	}
	t->folder[t->depth] = folder;
	t->end[t->depth++] = t->len;
	t->dir = fd;
	return 0;
}

int
ftree_start(struct ftree *t, const char *path)
{
	t->depth = t->leave = 0;
	t->len = 0;
	return push(t, open(path, FOLDER));
}

void
ftree_stop(struct ftree *t)
{
	while (t->depth > 0)
		closedir(t->folder[--t->depth]);
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

static enum ftree_kind
step(struct ftree *t)
{
	struct dirent *d;
	size_t n;

	if (t->leave)
		closedir(t->folder[--t->depth]);
	t->leave = 0;
	if (t->depth == 0)
		return FTREE_END;
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
		return t->err ? FTREE_FAIL : FTREE_OUT;
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
	if (t->kind != FTREE_IN)
		return t->kind;
	if (t->depth == FTREE_DEPTH)
		return FTREE_DEEP;
	return push(t, openat(t->dir, t->name, FOLDER | O_NOFOLLOW)) == 0
	           ? FTREE_IN
	           : FTREE_FAIL;
}

enum ftree_kind
ftree_next(struct ftree *t)
{
	return t->kind = step(t);
}
