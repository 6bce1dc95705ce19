/* store: small files that are written whole or not at all.
 * SPDX-License-Identifier: ISC */
#ifndef STORE_H
#define STORE_H

#include <limits.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/fault.h"

/* A file that is locked to be replaced. */
struct store {
	int fd; /* open for reading, from its start */
	char path[PATH_MAX]; /* where it is, symbolic links followed */
	struct stat st;
};

/* The code for errno after a file could not be used: X_USE where the file or
 * its name is to blame, X_SYS else. */
int
store_code(void);

/* Is a file, or a folder, that was found to be st such that only the user and
 * root can change it?  Owned by one of them, and not writable by the group or
 * others.  0, or -1 and a fault (X_USE) that names path. */
int
store_ours(const struct stat *st, const char *path, struct fault *f);

/* Read fd, the file at path, to its end: how many bytes, at most most, of the
 * most + 1 that p has room for; or -1 and a fault, also where the file is
 * longer: `PATH: too long for WHAT`. */
ssize_t
store_read(void *p, size_t most, int fd, const char *path, const char *what,
    struct fault *f);

/* Write a new file, 0600.  An existing one is never overwritten: X_USE. */
int
store_new(const char *path, const void *p, size_t n, struct fault *f);

/* As store_new, but a file that is there is replaced. */
int
store_over(const char *path, const void *p, size_t n, struct fault *f);

/* Lock the regular file at path against others who do the same; with make it is made,
 * empty and 0600, if it is not there.  The lock is on the file, so that
 * nothing is left behind. */
int
store_lock(struct store *s, const char *path, int make, struct fault *f);

/* Replace it by n bytes, its mode and owner kept.  Whoever is killed midway
 * leaves the old file, and PATH.new, which the next one clears away. */
int
store_put(struct store *s, const void *p, size_t n, struct fault *f);

void
store_unlock(struct store *s);

#endif
