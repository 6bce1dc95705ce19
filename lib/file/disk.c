/* disk: what a peer sends, put below one folder and nowhere else.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file/disk.h"

enum { LARGE = 8 << 20 }; /* bytes from which a file is synced by itself */
#define THERE (O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)

int
disk_start(struct disk *s, int root, mode_t mask, const char *key)
{
	s->fd = -1;
	s->key = key;
	s->mask = mask | S_IWOTH;
	return dir_start(&s->dir, root);
}

int
disk_folder(const struct disk *s, const char *name)
{
	struct stat st;

	return fstatat(s->dir.root, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

int
disk_new(const struct disk *s, const char *name, uint64_t size)
{
	char part[NAME_MOST + 1];
	int root = s->dir.root;
	struct stat st;

	name_part(part, name, size, s->key);
	return fstatat(root, name, &st, AT_SYMLINK_NOFOLLOW) == -1 &&
	       fstatat(root, part, &st, AT_SYMLINK_NOFOLLOW) == -1;
}

/* Open a regular file to read it. */
static int
look(int dir, const char *name, struct stat *st)
{
	if (fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISREG(st->st_mode))
		return -1;
	return openat(dir, name, O_RDONLY | THERE);
}

int
disk_same(struct disk *s, const struct filemsg *m, unsigned *n)
{
	char name[NAME_MOST + 1], out[NAME_MOST + 1];
	struct stat st;
	int fd;

	if (dir_find(&s->dir, m->path, m->path_len, name) == -1)
		return -1;
	while (++*n <= NAME_SAME) {
		name_number(out, name, *n, 0);
		if (fstatat(s->dir.fd, out, &st, AT_SYMLINK_NOFOLLOW) == -1)
			return -1;
		if ((uint64_t)st.st_size != m->size)
			continue;
		fd = look(s->dir.fd, out, &st);
		if (fd != -1)
			return fd;
	}
	return -1;
}

int
disk_part(struct disk *s, const struct filemsg *m, uint64_t *size)
{
	char name[NAME_MOST + 1], part[NAME_MOST + 1];
	struct stat st;
	int fd;

	if (dir_find(&s->dir, m->path, m->path_len, name) == -1)
		return -1;
	name_part(part, name, m->size, s->key);
	fd = look(s->dir.fd, part, &st);
	*size = (uint64_t)st.st_size;
	if (fd == -1 || (*size > 0 && *size <= m->size))
		return fd;
	close(fd);
	return -1;
}

/* Open the part that is there already, if it is nobody else's. */
static int
reopen(struct disk *s)
{
	int fd = openat(s->dir.fd, s->part, O_RDWR | THERE);
	struct stat st, there;

	if (fd == -1)
		return -1;
	/* The other program may have given it its final name meanwhile. */
	if (flock(fd, LOCK_EX | LOCK_NB) == -1 || fstat(fd, &st) == -1 ||
	    fstatat(s->dir.fd, s->part, &there, AT_SYMLINK_NOFOLLOW) == -1 ||
	    st.st_ino != there.st_ino || st.st_dev != there.st_dev ||
	    !S_ISREG(st.st_mode) || st.st_nlink != 1) {
		close(fd);
		errno = EBUSY;
		return -1;
	}
	s->now = st.st_mode & 07777;
	s->at = (uint64_t)st.st_size;
	return fd;
}

/* Cut or lengthen the part, and go to its end. */
static int
set_length(struct disk *s, uint64_t n)
{
	s->at = n;
	if (ftruncate(s->fd, (off_t)n) == -1)
		return -1;
	return lseek(s->fd, (off_t)n, SEEK_SET) == -1 ? -1 : 0;
}

int
disk_begin(struct disk *s, const struct filemsg *m)
{
	if (dir_find(&s->dir, m->path, m->path_len, s->name) == -1)
		return -1;
	name_part(s->part, s->name, m->size, s->key);
	s->size = m->size;
	s->when = (struct timespec){m->sec, (long)m->nsec};
	s->at = 0;
	s->begun = m->count;
	/* Ours to read and write as long as it is a part. */
	s->mode = (mode_t)m->mode & ~s->mask;
	s->now = (s->mode & 0600) == 0600 ? s->mode : 0600;
	s->fd = openat(s->dir.fd, s->part,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, s->now);
	if (s->fd != -1)
		(void)flock(s->fd, LOCK_EX | LOCK_NB);
	else if (errno == EEXIST)
		s->fd = reopen(s);
	if (s->fd == -1)
		return -1;
	if (s->at < m->count) {
		/* An empty one of our own making stays: nobody's loss. */
		disk_drop(s, s->at == 0);
		errno = ESTALE;
		return -1;
	}
	if (s->at > 0 && set_length(s, m->count) == -1) {
		disk_drop(s, 0);
		return -1;
	}
	return 0;
}

void
disk_added(struct disk *s, size_t n)
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
disk_hole(struct disk *s, uint64_t n)
{
	return set_length(s, s->at + n);
}

void
disk_drop(struct disk *s, int remove)
{
	int err = errno;

	if (s->fd == -1)
		return;
	if (remove)
		(void)unlinkat(s->dir.fd, s->part, 0);
	close(s->fd);
	s->fd = -1;
	errno = err;
}

/* Rename without ever replacing anything; the other way where the file system
 * does not know how. */
static int
settle(int dir, const char *from, const char *to)
{
	if (renameat2(dir, from, dir, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (linkat(dir, from, dir, to, 0) == -1)
		return -1;
	return unlinkat(dir, from, 0);
}

/* Give the part what a whole file has, but its name. */
static int
complete(const struct disk *s)
{
	struct timespec t[2] = {{0, UTIME_OMIT}, s->when};

	if (s->at != s->size) {
		errno = EIO;
		return -1;
	}
	if ((s->now != s->mode && fchmod(s->fd, s->mode) == -1) ||
	    futimens(s->fd, t) == -1)
		return -1;
	return s->size >= LARGE ? fsync(s->fd) : 0;
}

int
disk_finish(struct disk *s)
{
	char to[NAME_MOST + 1];
	unsigned n;
	int code = complete(s);

	for (n = 1; code == 0; n++) {
		name_number(to, s->name, n, 0);
		if (settle(s->dir.fd, s->part, to) == 0)
			break;
		if (errno != EEXIST || n == NAME_NUMBERS)
			code = -1;
	}
	disk_drop(s, 0);
	return code;
}

int
disk_leave(struct disk *s, const struct filemsg *m)
{
	struct timespec t[2] = {{0, UTIME_OMIT}, {m->sec, (long)m->nsec}};

	if (dir_go(&s->dir, m->path, m->path_len) == -1)
		return -1;
	if (!dir_made(&s->dir))
		return 0;
	if (fchmod(s->dir.fd, (mode_t)m->mode & ~s->mask) == -1)
		return -1;
	return futimens(s->dir.fd, t);
}

int
disk_link(struct disk *s, const struct filemsg *m)
{
	struct timespec t[2] = {{0, UTIME_OMIT}, {m->sec, (long)m->nsec}};
	char name[NAME_MOST + 1], to[NAME_MOST + 1];
	char target[FILEMSG_PATH + 1], there[FILEMSG_PATH + 1];
	ssize_t got;
	unsigned n;

	if (dir_find(&s->dir, m->path, m->path_len, name) == -1)
		return -1;
	snprintf(target, sizeof(target), "%.*s", (int)m->rest_len, m->rest);
	for (n = 1; n < NAME_NUMBERS; n++) {
		name_number(to, name, n, 0);
		if (symlinkat(target, s->dir.fd, to) == 0)
			return utimensat(s->dir.fd, to, t, AT_SYMLINK_NOFOLLOW);
		if (errno != EEXIST)
			return -1;
		got = readlinkat(s->dir.fd, to, there, sizeof(there));
		if (got == (ssize_t)m->rest_len &&
		    memcmp(there, target, (size_t)got) == 0)
			return 0;
	}
	return -1;
}
