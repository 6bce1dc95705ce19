/* dir: folders below one folder, and nowhere else.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file/dir.h"

int
dir_start(struct dir *d, int root)
{
	struct stat st;

	*d = (struct dir){.root = root, .fd = -1};
	if (fstat(root, &st) == -1)
		return -1;
	d->root_dev = st.st_dev;
	return 0;
}

/* Open the folder of that name in dir, or of the first number that is one; with
 * make, made where it is missing: *make is 1 then, else 0. */
static int
folder(int dir, const char *name, int *make)
{
	char out[NAME_MOST + 1];
	unsigned n;
	int fd;

	for (n = 1; n < NAME_NUMBERS; n++) {
		name_number(out, name, n, 1);
		if (make) {
			*make = mkdirat(dir, out, 0700) == 0;
			if (!*make && errno != EEXIST)
				return -1;
		}
		fd = openat(
		    dir, out, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd != -1 || (errno != ENOTDIR && errno != ELOOP))
			return fd;
	}
	return -1;
}

static int
walk(int root, const char *path, size_t len)
{
	char name[NAME_MOST + 1];
	const char *slash;
	size_t n;
	int dir = root, fd;

	while (len > 0) {
		slash = memchr(path, '/', len);
		n = slash ? (size_t)(slash - path) : len;
		name_safe(name, path, n);
		fd = folder(dir, name, NULL);
		if (dir != root)
			close(dir);
		if (fd == -1)
			return -1;
		dir = fd;
		n += slash != NULL;
		path += n;
		len -= n;
	}
	return dir;
}

/* Let fd be the folder used last. */
static int
use(struct dir *d, int fd, const char *path, size_t len)
{
	struct stat st;

	/* The end syncs the root's file system; others when they are left. */
	if (d->fd != -1 && d->dev != d->root_dev && syncfs(d->fd) == -1)
		return -1;
	if (d->fd != -1 && d->fd != d->root)
		close(d->fd);
	d->fd = fd;
	if (fd == -1 || fstat(fd, &st) == -1)
		return -1;
	d->dev = st.st_dev;
	memcpy(d->path, path, len);
	d->len = len;
	return 0;
}

static int
identify(int fd, struct seen_key *key)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	*key = (struct seen_key){st.st_dev, st.st_ino};
	return 0;
}

int
dir_go(struct dir *d, const char *path, size_t len)
{
	if (d->fd != -1 && len == d->len && memcmp(path, d->path, len) == 0)
		return 0;
	return use(d, walk(d->root, path, len), path, len);
}

int
dir_find(struct dir *d, const char *path, size_t len,
    char name[static NAME_MOST + 1])
{
	const char *slash = memrchr(path, '/', len);
	const char *last = slash ? slash + 1 : path;

	name_safe(name, last, len - (size_t)(last - path));
	return dir_go(d, path, slash ? (size_t)(slash - path) : 0);
}

int
dir_enter(struct dir *d, const char *path, size_t len)
{
	char name[NAME_MOST + 1];
	struct seen_key key;
	int made = 0;

	if (dir_find(d, path, len, name) == -1 ||
	    use(d, folder(d->fd, name, &made), path, len) == -1)
		return -1;
	return made && (identify(d->fd, &key) == -1 ||
	                   seen_add(&d->made, key) == -1)
	           ? -1
	           : 0;
}

int
dir_made(const struct dir *d)
{
	struct seen_key key;

	return identify(d->fd, &key) == 0 && seen_has(&d->made, key);
}

int
dir_sync(const struct dir *d)
{
	if (d->fd != -1 && d->dev != d->root_dev && syncfs(d->fd) == -1)
		return -1;
	return syncfs(d->root);
}
