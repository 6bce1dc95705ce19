/* fstore: what a peer sends, put below one folder and nowhere else.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "beneath.h"
#include "fstore.h"

enum {
	NUMBERS = 10000, /* most numbers tried */
	LARGE = 8 << 20 /* bytes from which a file is synced by itself */
};
#define FOLDER (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

int
fstore_start(struct fstore *s, int root)
{
	struct stat st;

	*s = (struct fstore){.root = root, .dir = -1, .fd = -1};
	if (fstat(root, &st) == -1)
		return -1;
	s->dev = st.st_dev;
	return 0;
}

int
fstore_item(struct fstore *s, uint8_t kind, const char *name)
{
	size_t n = strlen(name) + 2;
	void *p;

	if (s->items == FWIRE_ITEMS || s->used + n > FSTORE_NAMES) {
		errno = E2BIG;
		return -1;
	}
	if (s->used + n > s->room) {
		s->room = 2 * s->room + 4096;
		if (!(p = realloc(s->names, s->room)))
			return -1;
		s->names = p;
	}
	if ((s->items & (s->items - 1)) == 0) {
		p = realloc(s->item, (2 * s->items + 1) * sizeof(*s->item));
		if (!p)
			return -1;
		s->item = p;
	}
	s->names[s->used] = (char)kind;
	memcpy(s->names + s->used + 1, name, n - 1);
	s->item[s->items++] = (uint32_t)s->used;
	s->used += n;
	return 0;
}

char
fstore_kind(const struct fstore *s, uint32_t item)
{
	return s->names[s->item[item]];
}

const char *
fstore_name(const struct fstore *s, uint32_t item)
{
	return s->names + s->item[item] + 1;
}

/* The next name of the path at *p, made safe. */
static void
next(char out[static FNAME_MAX + 1], const char **p, size_t *len)
{
	const char *slash = memchr(*p, '/', *len);
	size_t n = slash ? (size_t)(slash - *p) : *len;

	fname_safe(out, *p, n);
	n += slash != NULL;
	*p += n;
	*len -= n;
}

/* Open the folder of that name in dir, or of the first number that is one. */
static int
folder(int dir, const char *name, int make)
{
	char out[FNAME_MAX + 1];
	unsigned n;
	int fd, made;

	for (n = 1; n < NUMBERS; n++) {
		fname_number(out, name, n, 1);
		made = make && mkdirat(dir, out, 0700) == 0;
		if (make && !made && errno != EEXIST)
			return -1;
		fd = openat(dir, out, FOLDER);
		if (fd != -1 || (errno != ENOTDIR && errno != ELOOP))
			return fd;
	}
	return -1;
}

/* Step by step, for when the short way is not there or numbers are needed. */
static int
walk(int root, const char *key, size_t len)
{
	char name[FNAME_MAX + 1];
	int dir = root, fd;

	while (len > 0) {
		next(name, &key, &len);
		fd = folder(dir, name, 0);
		if (dir != root)
			close(dir);
		if (fd == -1)
			return -1;
		dir = fd;
	}
	return dir;
}

static int
open_beneath(int root, const char *key, size_t len)
{
	const char *p = key;
	char path[FNAME_MAX + 2 + FWIRE_PATH];
	size_t left = len, n = 0;
	int fd;

	while (left > 0) {
		next(path + n, &p, &left);
		n += strlen(path + n);
		path[n++] = '/';
	}
	path[n ? n - 1 : 0] = '\0';
	fd = beneath_open(root, path, FOLDER);
	return fd != -1 ? fd : walk(root, key, len);
}

/* Let fd, a folder with that key, be the one used last. */
static int
use(struct fstore *s, int fd)
{
	struct stat st;

	/* The end syncs the root's file system; others when they are left. */
	if (s->dir != -1 && s->dir_dev != s->dev && syncfs(s->dir) == -1)
		return -1;
	if (s->dir != -1 && s->dir != s->root)
		close(s->dir);
	s->dir = fd;
	if (fd == -1 || fstat(fd, &st) == -1)
		return -1;
	s->dir_dev = st.st_dev;
	/* Ours from an earlier run, but finished and closed to us. */
	if (fd != s->root && (st.st_mode & 0700) != 0700)
		(void)fchmod(fd, (st.st_mode & 0777) | 0700);
	return 0;
}

/* Go to the folder that item/path is in, path being cut at its last slash;
 * inside: to the folder item/path itself.  name: its last name, made safe. */
static int
find(struct fstore *s, uint32_t item, const char *path, size_t len, int inside,
    char name[static FNAME_MAX + 1])
{
	const char *top = fstore_name(s, item), *slash;
	char key[sizeof(s->key)];
	size_t n = 0;

	slash = len > 0 ? memrchr(path, '/', len) : NULL;
	if (len > 0 || inside) {
		n = strlen(top);
		memcpy(key, top, n);
	}
	if (len == 0)
		memcpy(name, top, strlen(top) + 1);
	else if (slash)
		fname_safe(name, slash + 1, len - 1 - (size_t)(slash - path));
	else
		fname_safe(name, path, len);
	if (!inside)
		len = slash ? (size_t)(slash - path) : 0;
	if (len > 0) {
		key[n] = '/';
		memcpy(key + n + 1, path, len);
		n += 1 + len;
	}
	if (s->dir != -1 && n == s->key_len && memcmp(key, s->key, n) == 0)
		return 0;
	if (use(s, n ? open_beneath(s->root, key, n) : s->root) == -1)
		return -1;
	memcpy(s->key, key, n);
	s->key_len = n;
	return 0;
}

int
fstore_new(struct fstore *s, uint32_t item, uint64_t size)
{
	const char *name = fstore_name(s, item);
	char part[FNAME_MAX + 1];
	struct stat st;

	fname_part(part, name, size);
	return fstatat(s->root, name, &st, AT_SYMLINK_NOFOLLOW) == -1 &&
	       fstatat(s->root, part, &st, AT_SYMLINK_NOFOLLOW) == -1;
}

int
fstore_kept(struct fstore *s, uint32_t item, const char *path, size_t len,
    uint64_t size, int fd[static FWIRE_KEPT], uint64_t kept[static FWIRE_KEPT],
    uint64_t *part)
{
	char name[FNAME_MAX + 1], out[FNAME_MAX + 1];
	struct stat st;
	unsigned i;
	int n = 0;

	*part = 0;
	if (find(s, item, path, len, 0, name) == -1)
		return 0;
	for (i = 0; i < NUMBERS && n < FWIRE_KEPT; i++) {
		if (i == 0)
			fname_part(out, name, size);
		else
			fname_number(out, name, i, 0);
		if (fstatat(s->dir, out, &st, AT_SYMLINK_NOFOLLOW) == -1) {
			if (i > 0)
				break;
			continue;
		}
		if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > size ||
		    (i > 0 ? (uint64_t)st.st_size != size : st.st_size == 0))
			continue;
		fd[n] = openat(s->dir, out,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		kept[n] = (uint64_t)st.st_size;
		if (fd[n] == -1)
			continue;
		*part |= i == 0;
		n++;
	}
	return n;
}

/* Open the part that is there already, if it is nobody else's. */
static int
reopen(struct fstore *s)
{
	struct stat st, there;
	int fd = openat(
	    s->dir, s->part, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd == -1)
		return -1;
	/* The other program may have given it its final name meanwhile. */
	if (flock(fd, LOCK_EX | LOCK_NB) == -1 || fstat(fd, &st) == -1 ||
	    fstatat(s->dir, s->part, &there, AT_SYMLINK_NOFOLLOW) == -1 ||
	    st.st_ino != there.st_ino || st.st_dev != there.st_dev ||
	    !S_ISREG(st.st_mode) || st.st_nlink != 1) {
		close(fd);
		errno = EBUSY;
		return -1;
	}
	s->at = (uint64_t)st.st_size;
	return fd;
}

int
fstore_begin(struct fstore *s, const struct fwire *m)
{
	mode_t mode = m->mode;

	if (find(s, m->item, m->path, m->path_len, 0, s->name) == -1)
		return -1;
	fname_part(s->part, s->name, m->size);
	s->size = m->size;
	s->mode = m->mode;
	s->when = (struct timespec){m->sec, m->nsec};
	s->at = s->begun = 0;
	/* Ours to read and write as long as it is a part; see finish. */
	if ((mode & 0600) != 0600)
		mode = 0600;
	s->fd = openat(s->dir, s->part,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (s->fd != -1) {
		(void)flock(s->fd, LOCK_EX | LOCK_NB);
		if (mode == m->mode)
			s->mode = UINT16_MAX; /* has it already */
	} else if (errno == EEXIST) {
		s->fd = reopen(s);
	}
	if (s->fd == -1)
		return -1;
	if (s->at < m->count) {
		/* An empty one of our own making stays: nobody's loss. */
		fstore_drop(s, s->at == 0);
		errno = ESTALE;
		return -1;
	}
	if (s->at == 0)
		return 0;
	s->at = s->begun = m->count;
	if (ftruncate(s->fd, (off_t)s->at) == -1 ||
	    lseek(s->fd, (off_t)s->at, SEEK_SET) == -1) {
		fstore_drop(s, 0);
		return -1;
	}
	return 0;
}

void
fstore_added(struct fstore *s, size_t n)
{
	s->at += n;
	/* So that the sync of a large file finds most of it done. */
	if (s->at - s->begun < 2 * LARGE)
		return;
	(void)sync_file_range(s->fd, (off_t)s->begun, (off_t)(s->at - s->begun),
	    SYNC_FILE_RANGE_WRITE);
	s->begun = s->at;
}

int
fstore_hole(struct fstore *s, uint64_t n)
{
	s->at += n;
	if (ftruncate(s->fd, (off_t)s->at) == -1 ||
	    lseek(s->fd, (off_t)s->at, SEEK_SET) == -1)
		return -1;
	return 0;
}

void
fstore_drop(struct fstore *s, int remove)
{
	int err = errno;

	if (s->fd == -1)
		return;
	if (remove)
		(void)unlinkat(s->dir, s->part, 0);
	close(s->fd);
	s->fd = -1;
	errno = err;
}

/* Rename without ever replacing anything; the other way where the file system
 * does not know how. */
static int
settle(int dir, const char *from, const char *to)
{
	static int linked;

	if (!linked) {
		if (renameat2(dir, from, dir, to, RENAME_NOREPLACE) == 0)
			return 0;
		if (errno != EINVAL && errno != ENOSYS)
			return -1;
		linked = 1;
	}
	if (linkat(dir, from, dir, to, 0) == -1)
		return -1;
	return unlinkat(dir, from, 0);
}

int
fstore_finish(struct fstore *s)
{
	struct timespec t[2] = {s->when, s->when};
	char to[FNAME_MAX + 1];
	unsigned n;
	int code = 0;

	t[0].tv_nsec = UTIME_OMIT;
	if (s->at != s->size)
		errno = EIO;
	if (s->at != s->size ||
	    (s->mode != UINT16_MAX && fchmod(s->fd, s->mode) == -1) ||
	    futimens(s->fd, t) == -1 ||
	    (s->size >= LARGE && fsync(s->fd) == -1))
		code = -1;
	for (n = 1; code == 0; n++) {
		fname_number(to, s->name, n, 0);
		if (settle(s->dir, s->part, to) == 0)
			break;
		if (errno != EEXIST || n == NUMBERS)
			code = -1;
	}
	fstore_drop(s, 0);
	return code;
}

int
fstore_enter(struct fstore *s, uint32_t item, const char *path, size_t len)
{
	char name[FNAME_MAX + 1];
	size_t top = strlen(fstore_name(s, item));

	if (find(s, item, path, len, 0, name) == -1 ||
	    use(s, folder(s->dir, name, 1)) == -1)
		return -1;
	memcpy(s->key, fstore_name(s, item), top);
	s->key_len = top;
	if (len > 0) {
		s->key[top] = '/';
		memcpy(s->key + top + 1, path, len);
		s->key_len += 1 + len;
	}
	return 0;
}

int
fstore_leave(struct fstore *s, const struct fwire *m)
{
	struct timespec t[2] = {{m->sec, UTIME_OMIT}, {m->sec, m->nsec}};
	char name[FNAME_MAX + 1];

	if (find(s, m->item, m->path, m->path_len, 1, name) == -1 ||
	    fchmod(s->dir, m->mode) == -1)
		return -1;
	return futimens(s->dir, t);
}

int
fstore_link(struct fstore *s, const struct fwire *m)
{
	struct timespec t[2] = {{m->sec, UTIME_OMIT}, {m->sec, m->nsec}};
	char name[FNAME_MAX + 1], to[FNAME_MAX + 1];
	char target[FWIRE_PATH + 2], there[FWIRE_PATH + 2];
	ssize_t got;
	unsigned n;

	if (!fname_link(m->path, m->path_len, m->rest, m->rest_len)) {
		errno = EPERM;
		return -1;
	}
	if (find(s, m->item, m->path, m->path_len, 0, name) == -1)
		return -1;
	memcpy(target, m->rest, m->rest_len);
	target[m->rest_len] = '\0';
	for (n = 1; n < NUMBERS; n++) {
		fname_number(to, name, n, 0);
		if (symlinkat(target, s->dir, to) == 0)
			return utimensat(s->dir, to, t, AT_SYMLINK_NOFOLLOW);
		if (errno != EEXIST)
			return -1;
		got = readlinkat(s->dir, to, there, sizeof(there) - 1);
		if (got == (ssize_t)m->rest_len &&
		    memcmp(there, target, (size_t)got) == 0)
			return 0;
	}
	return -1;
}

int
fstore_sync(struct fstore *s)
{
	if (s->dir != -1 && s->dir_dev != s->dev && syncfs(s->dir) == -1)
		return -1;
	return syncfs(s->root);
}
