/* store: small files that are written whole or not at all.
 * SPDX-License-Identifier: ISC */
#include <sys/file.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/store.h"

int
store_code(void)
{
	switch (errno) {
	case EACCES:
	case EEXIST:
	case EISDIR:
	case ELOOP:
	case ENAMETOOLONG:
	case ENOENT:
	case ENOTDIR:
	case EPERM:
	case EROFS:
		return X_USE;
	default:
		return X_SYS;
	}
}

int
store_ours(const struct stat *st, const char *path, struct fault *f)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return fault(f, X_USE,
		    "%s: belongs to another user (uid %lu): not used", path,
		    (unsigned long)st->st_uid);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return fault(f, X_USE,
		    "%s: can be changed by others: chmod go-w %s", path, path);
	return 0;
}

/* Write and close fd. */
static int
fill(int fd, const void *p, size_t n, mode_t mode)
{
	int bad = fchmod(fd, mode) == -1 || io_write(fd, p, n) == -1 ||
	          fsync(fd) == -1;

	return close(fd) == -1 || bad ? -1 : 0;
}

/* Make a rename in path's folder durable.  Some file systems cannot. */
static void
settle(const char *path)
{
	char copy[PATH_MAX];
	int fd;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return;
	(void)fsync(fd);
	close(fd);
}

/* Rename without overwriting: some file systems know only RENAME_NOREPLACE,
 * others only link(2). */
static int
move_new(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	return link(from, to);
}

ssize_t
store_read(void *p, size_t most, int fd, const char *path, const char *what,
    struct fault *f)
{
	ssize_t n = io_read_full(fd, p, most + 1);

	if (n == -1)
		return fault_sys(f, store_code(), "%s", path);
	if ((size_t)n > most)
		return fault(f, X_USE, "%s: too long for %s", path, what);
	return n;
}

/* Fill a temporary file beside path and move it there. */
static int
place(const char *path, const void *p, size_t n,
    int (*move)(const char *from, const char *to), struct fault *f)
{
	char tmp[PATH_MAX];
	int fd, bad;

	errno = ENAMETOOLONG;
	if (snprintf(tmp, sizeof(tmp), "%s.XXXXXX", path) >= (int)sizeof(tmp))
		return fault_sys(f, store_code(), "%s", path);
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd == -1)
		return fault_sys(f, store_code(), "%s", path);
	bad = fill(fd, p, n, 0600) == -1 || move(tmp, path) == -1;
	if (bad && errno == EEXIST)
		fault(f, X_USE, "%s: exists, and is not overwritten", path);
	else if (bad)
		fault_sys(f, store_code(), "%s", path);
	(void)unlink(tmp);
	settle(path);
	return bad ? -1 : 0;
}

int
store_new(const char *path, const void *p, size_t n, struct fault *f)
{
	return place(path, p, n, move_new, f);
}

int
store_over(const char *path, const void *p, size_t n, struct fault *f)
{
	return place(path, p, n, rename, f);
}

int
store_lock(struct store *s, const char *path, int make, struct fault *f)
{
	struct stat now;

	for (;;) {
		s->fd =
		    open(path, O_RDWR | O_CLOEXEC | (make ? O_CREAT : 0), 0600);
		if (s->fd == -1)
			return fault_sys(f, store_code(), "%s", path);
		while (flock(s->fd, LOCK_EX) == -1)
			if (errno != EINTR)
				goto fail;
		if (fstat(s->fd, &s->st) == -1)
			goto fail;
		if (!S_ISREG(s->st.st_mode)) {
			close(s->fd);
			return fault(f, X_USE, "%s: not a file", path);
		}
		/* Was the file replaced while we waited for the lock? */
		if (!realpath(path, s->path) || stat(s->path, &now) == -1) {
			if (errno != ENOENT)
				goto fail;
		} else if (now.st_ino == s->st.st_ino &&
		           now.st_dev == s->st.st_dev) {
			return 0;
		}
		close(s->fd);
	}
fail:
	fault_sys(f, store_code(), "%s", path);
	close(s->fd);
	return -1;
}

int
store_put(struct store *s, const void *p, size_t n, struct fault *f)
{
	char tmp[PATH_MAX];
	int fd, bad;

	errno = ENAMETOOLONG;
	if (snprintf(tmp, sizeof(tmp), "%s.new", s->path) >= (int)sizeof(tmp))
		return fault_sys(f, store_code(), "%s", s->path);
	(void)unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return fault_sys(f, store_code(), "%s", tmp);
	/* Fails unless we are root; others own the file already. */
	if (fchown(fd, s->st.st_uid, s->st.st_gid) == -1)
		errno = 0;
	bad = fill(fd, p, n, s->st.st_mode & 07777) == -1 ||
	      rename(tmp, s->path) == -1;
	if (bad) {
		fault_sys(f, store_code(), "%s", s->path);
		(void)unlink(tmp);
	}
	settle(s->path);
	return bad ? -1 : 0;
}

void
store_unlock(struct store *s)
{
	close(s->fd);
	s->fd = -1;
}
