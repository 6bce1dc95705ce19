/* disk: write what a peer sends below one folder, and never outside it.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/set.h"
#include "file/disk.h"
#include "file/name.h"

enum { LARGE = 8 << 20 }; /* bytes from which a file is synced on its own */
#define NAMELESS (O_TMPFILE | O_WRONLY | O_CLOEXEC)
#define THERE (O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)

struct disk {
	int root;
	dev_t root_dev;
	const char *key;
	mode_t mask; /* mode bits that no file or folder gets */
	struct set made; /* folders made in this run */
	int nameless; /* files can be made that get their name when whole */
	unsigned parts; /* found, and not opened since */
	/* the folder used last; -1: none */
	int dir;
	struct set_key id; /* its device and inode */
	char path[NAME_MOST + 1 + FILEMSG_PATH]; /* as it was given */
	size_t len;
	/* the current file; fd -1: none */
	int fd;
	char name[NAME_MOST + 1], part[NAME_MOST + 1]; /* "": nameless */
	uint64_t size, at; /* its announced size; bytes in the part */
	uint64_t begun; /* bytes the disk was told to write */
	mode_t mode, now; /* its mode, and that of the part */
	struct timespec when;
};

struct disk *
disk_new(int root, mode_t mask, const char *key)
{
	struct disk *d = calloc(1, sizeof(*d));
	struct stat st;
	int fd;

	if (!d)
		return NULL;
	if (fstat(root, &st) == -1) {
		free(d);
		return NULL;
	}
	d->root = root;
	d->root_dev = st.st_dev;
	d->key = key;
	d->mask = mask | S_IWOTH;
	d->dir = d->fd = -1;
	/* EEXIST means that the kernel lets us name fd: before 6.10 only a
	 * process with CAP_DAC_READ_SEARCH may. */
	fd = openat(root, ".", NAMELESS, 0600);
	d->nameless =
	    linkat(fd, "", root, ".", AT_EMPTY_PATH) == -1 && errno == EEXIST;
	(void)fd_drop(fd);
	return d;
}

void
disk_free(struct disk *d)
{
	disk_drop(d, 0);
	if (d->dir != -1 && d->dir != d->root)
		close(d->dir);
	set_free(&d->made);
	free(d);
}

/* Open the folder of that name in dir, or with the first number that is a
 * folder. With make it is made if missing: *make is then 1, else 0. */
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

/* Open the folder at path below the root; "" is the root. */
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

/* Make fd, the folder at path, the current folder dir. */
static int
use(struct disk *d, int fd, const char *path, size_t len)
{
	struct stat st;

	/* disk_sync syncs the root's file system; sync others on leaving. */
	if (d->dir != -1 && d->id.a != d->root_dev && syncfs(d->dir) == -1)
		return -1;
	if (d->dir != -1 && d->dir != d->root)
		close(d->dir);
	d->dir = fd;
	if (fd == -1 || fstat(fd, &st) == -1)
		return -1;
	d->id = (struct set_key){st.st_dev, st.st_ino};
	memcpy(d->path, path, len);
	d->len = len;
	return 0;
}

/* Make the folder at path the current folder dir. */
static int
go(struct disk *d, const char *path, size_t len)
{
	if (d->dir != -1 && len == d->len && memcmp(path, d->path, len) == 0)
		return 0;
	return use(d, walk(d->root, path, len), path, len);
}

/* Make the folder of m's entry the current one; name: the entry's name. */
static int
find(struct disk *d, const struct filemsg *m, char name[static NAME_MOST + 1])
{
	const char *slash = memrchr(m->path, '/', m->path_len);
	const char *last = slash ? slash + 1 : m->path;

	name_safe(name, last, m->path_len - (size_t)(last - m->path));
	return go(d, m->path, slash ? (size_t)(slash - m->path) : 0);
}

int
disk_enter(struct disk *d, const struct filemsg *m)
{
	char name[NAME_MOST + 1];
	int made = 0;

	if (find(d, m, name) == -1 ||
	    use(d, folder(d->dir, name, &made), m->path, m->path_len) == -1)
		return -1;
	return made && set_add(&d->made, d->id) == -1 ? -1 : 0;
}

int
disk_folder(const struct disk *d, const char *name)
{
	struct stat st;

	return fstatat(d->root, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

int
disk_fresh(const struct disk *d, const char *name, uint64_t size)
{
	char part[NAME_MOST + 1];
	int root = d->root;
	struct stat st;

	name_part(part, name, size, d->key);
	return fstatat(root, name, &st, AT_SYMLINK_NOFOLLOW) == -1 &&
	       fstatat(root, part, &st, AT_SYMLINK_NOFOLLOW) == -1;
}

uint64_t
disk_missing(const struct disk *d, const char *name, uint64_t size)
{
	char other[NAME_MOST + 1];
	struct stat st;
	unsigned n;

	for (n = 1; n <= NAME_SAME; n++) {
		name_number(other, name, n, 0);
		if (fstatat(d->root, other, &st, AT_SYMLINK_NOFOLLOW) == -1)
			break;
		if (S_ISREG(st.st_mode) && (uint64_t)st.st_size == size)
			return 0;
	}
	name_part(other, name, size, d->key);
	if (fstatat(d->root, other, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    (uint64_t)st.st_size > size)
		return size;
	return size - (uint64_t)st.st_size;
}

uint64_t
disk_room(const struct disk *d)
{
	struct statvfs st;

	if (fstatvfs(d->root, &st) == -1)
		return UINT64_MAX;
	return (uint64_t)st.f_bavail * st.f_frsize;
}

int
disk_same(struct disk *d, const struct filemsg *m, unsigned *n)
{
	char name[NAME_MOST + 1], out[NAME_MOST + 1];
	struct stat st;
	int fd;

	if (find(d, m, name) == -1)
		return -1;
	while (++*n <= NAME_SAME) {
		name_number(out, name, *n, 0);
		if (fstatat(d->dir, out, &st, AT_SYMLINK_NOFOLLOW) == -1)
			return -1;
		if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != m->size)
			continue;
		fd = openat(d->dir, out, O_RDONLY | THERE);
		if (fd != -1)
			return fd;
	}
	return -1;
}

int
disk_part(struct disk *d, const struct filemsg *m, uint64_t *size)
{
	char name[NAME_MOST + 1], part[NAME_MOST + 1];
	struct stat st;

	if (find(d, m, name) == -1)
		return -1;
	name_part(part, name, m->size, d->key);
	if (fstatat(d->dir, part, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISREG(st.st_mode))
		return -1;
	d->parts++;
	*size = (uint64_t)st.st_size;
	if (*size == 0 || *size > m->size)
		return -1;
	return openat(d->dir, part, O_RDONLY | THERE);
}

/* Open an existing part, unless another program has locked it. */
static int
reopen(struct disk *d)
{
	int fd = openat(d->dir, d->part, O_RDWR | THERE);
	struct stat st, there;

	d->parts -= d->parts > 0;
	if (fd == -1)
		return -1;
	/* That program may just have renamed it to its final name. */
	if (flock(fd, LOCK_EX | LOCK_NB) == -1 || fstat(fd, &st) == -1 ||
	    fstatat(d->dir, d->part, &there, AT_SYMLINK_NOFOLLOW) == -1 ||
	    st.st_ino != there.st_ino || st.st_dev != there.st_dev ||
	    !S_ISREG(st.st_mode) || st.st_nlink != 1) {
		errno = EBUSY;
		return fd_drop(fd);
	}
	d->now = st.st_mode & 07777;
	d->at = (uint64_t)st.st_size;
	return fd;
}

/* Set the length of the part, and seek to its end. */
static int
set_length(struct disk *d, uint64_t n)
{
	if (ftruncate(d->fd, (off_t)n) == -1 ||
	    lseek(d->fd, (off_t)n, SEEK_SET) == -1)
		return -1;
	d->at = n;
	return 0;
}

int
disk_begin(struct disk *d, const struct filemsg *m, int here)
{
	if (find(d, m, d->name) == -1)
		return -1;
	d->size = m->size;
	d->when = (struct timespec){m->sec, (long)m->nsec};
	d->at = 0;
	d->begun = m->count;
	d->mode = d->now = (mode_t)m->mode & ~d->mask;
	*d->part = '\0';
	if (here && d->nameless && d->parts == 0)
		d->fd = openat(d->dir, ".", NAMELESS, d->now);
	if (d->fd != -1)
		return 0;
	name_part(d->part, d->name, m->size, d->key);
	/* While it is a part only we may read and write it. */
	d->now = (d->mode & 0600) == 0600 ? d->mode : 0600;
	d->fd = openat(d->dir, d->part,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, d->now);
	if (d->fd != -1)
		(void)flock(d->fd, LOCK_EX | LOCK_NB);
	else if (errno == EEXIST)
		d->fd = reopen(d);
	if (d->fd == -1)
		return -1;
	errno = ESTALE;
	if (d->at >= m->count && (d->at == 0 || set_length(d, m->count) == 0))
		return 0;
	/* An empty part can go: it was just made, or held nothing. */
	disk_drop(d, d->at == 0);
	return -1;
}

int
disk_fd(const struct disk *d)
{
	return d->fd;
}

void
disk_added(struct disk *d, size_t n)
{
	d->at += n;
	/* So a large file's sync finds most of it on disk. */
	if (d->at - d->begun < 2 * LARGE)
		return;
	(void)sync_file_range(d->fd, (off_t)d->begun, (off_t)(d->at - d->begun),
	    SYNC_FILE_RANGE_WRITE);
	d->begun = d->at;
}

int
disk_hole(struct disk *d, uint64_t n)
{
	return set_length(d, d->at + n);
}

void
disk_drop(struct disk *d, int remove)
{
	int err = errno;

	if (d->fd == -1)
		return;
	if (remove && *d->part)
		(void)unlinkat(d->dir, d->part, 0);
	close(d->fd);
	d->fd = -1;
	errno = err;
}

/* Name fd, or rename from, without replacing; by link(2) if the file system
 * lacks renameat2. */
static int
settle(int dir, int fd, const char *from, const char *to)
{
	if (!*from)
		return linkat(fd, "", dir, to, AT_EMPTY_PATH);
	if (renameat2(dir, from, dir, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (linkat(dir, from, dir, to, 0) == -1)
		return -1;
	return unlinkat(dir, from, 0);
}

/* Give the part all attributes of the whole file but its name. */
static int
complete(const struct disk *d)
{
	struct timespec t[2] = {{0, UTIME_OMIT}, d->when};

	if (d->at != d->size) {
		errno = EIO;
		return -1;
	}
	if ((d->now != d->mode && fchmod(d->fd, d->mode) == -1) ||
	    futimens(d->fd, t) == -1)
		return -1;
	return d->size >= LARGE ? fsync(d->fd) : 0;
}

int
disk_finish(struct disk *d, char to[static NAME_MOST + 1])
{
	unsigned n;
	int code = complete(d);

	for (n = 1; code == 0; n++) {
		name_number(to, d->name, n, 0);
		if (settle(d->dir, d->fd, d->part, to) == 0)
			break;
		if (errno != EEXIST || n == NAME_NUMBERS)
			code = -1;
	}
	disk_drop(d, 0);
	return code == -1 ? -1 : n > 1;
}

int
disk_leave(struct disk *d, const struct filemsg *m)
{
	struct timespec t[2] = {{0, UTIME_OMIT}, {m->sec, (long)m->nsec}};

	if (go(d, m->path, m->path_len) == -1)
		return -1;
	if (!set_find(&d->made, d->id))
		return 0; /* it existed before */
	if (fchmod(d->dir, (mode_t)m->mode & ~d->mask) == -1)
		return -1;
	return futimens(d->dir, t);
}

int
disk_link(struct disk *d, const struct filemsg *m)
{
	struct timespec t[2] = {{0, UTIME_OMIT}, {m->sec, (long)m->nsec}};
	char name[NAME_MOST + 1], to[NAME_MOST + 1];
	char target[FILEMSG_PATH + 1], there[FILEMSG_PATH + 1];
	ssize_t got;
	unsigned n;

	if (find(d, m, name) == -1)
		return -1;
	snprintf(target, sizeof(target), "%.*s", (int)m->rest_len, m->rest);
	for (n = 1; n < NAME_NUMBERS; n++) {
		name_number(to, name, n, 0);
		if (symlinkat(target, d->dir, to) == 0)
			return utimensat(d->dir, to, t, AT_SYMLINK_NOFOLLOW);
		if (errno != EEXIST)
			return -1;
		got = readlinkat(d->dir, to, there, sizeof(there));
		if (got == (ssize_t)m->rest_len &&
		    memcmp(there, target, (size_t)got) == 0)
			return 0;
	}
	return -1;
}

int
disk_sync(const struct disk *d)
{
	if (d->dir != -1 && d->id.a != d->root_dev && syncfs(d->dir) == -1)
		return -1;
	return syncfs(d->root);
}
