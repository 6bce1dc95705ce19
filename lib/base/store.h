/* store: small files that are written whole or not at all.
 * SPDX-License-Identifier: ISC */
#ifndef STORE_H
#define STORE_H

#include <limits.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/fault.h"

/* A file locked for replacement. */
struct store {
	int fd; /* open for reading, from its start */
	char path[PATH_MAX]; /* where it is, symbolic links followed */
	struct stat st;
};

/* The exit code for errno after a failed use of a file: X_USE if the file or
 * its name is to blame, else X_SYS. */
int
store_code(void);

/* Can only the user and root change this file or folder, given its stat(2)? One
 * of them must own it, and group and others must not write.  0, or -1 and a
 * fault (X_USE) that names path. */
int
store_ours(const struct stat *st, const char *path, struct fault *f);

/* Read fd, the file at path, to its end.  p has room for most + 1 bytes.  How
 * many bytes, or -1 and a fault; a longer file is `PATH: too long for WHAT`. */
ssize_t
store_read(void *p, size_t most, int fd, const char *path, const char *what,
    struct fault *f);

/* Write a new file, 0600.  An existing one is never overwritten: X_USE. */
int
store_new(const char *path, const void *p, size_t n, struct fault *f);

/* As store_new, but a file that is there is replaced. */
int
store_over(const char *path, const void *p, size_t n, struct fault *f);

/* Lock the regular file at path against other callers; with make, create it
 * first if absent, empty and 0600.  The file itself carries the lock, so no
 * lock file is left behind. */
int
store_lock(struct store *s, const char *path, int make, struct fault *f);

/* Replace its contents by n bytes, mode and owner kept.  A process killed
 * midway leaves the old file and PATH.new, which the next call removes. */
int
store_put(struct store *s, const void *p, size_t n, struct fault *f);

void
store_unlock(struct store *s);

#endif
