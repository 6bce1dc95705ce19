/* fdir: folders below one folder, and nowhere else.
 * SPDX-License-Identifier: ISC */
#ifndef FDIR_H
#define FDIR_H

#include <stddef.h>
#include <sys/types.h>

#include "fname.h"
#include "fwire.h"

/* Paths are relative to the root, of names that fname_good accepts and that are
 * made safe here; no symbolic link is followed.  A name that is no folder's
 * stands for the first one with a number that is.  What returns int returns 0,
 * or -1 and errno. */
struct fdir {
	int root;
	int fd; /* the folder used last, or -1 */
	/* private */
	char path[FNAME_MAX + 1 + FWIRE_PATH]; /* its path, as it was given */
	size_t len;
	dev_t root_dev, dev;
};

/* root stays open until the end of the program. */
int
fdir_start(struct fdir *d, int root);

/* Let fd be the folder at path; the root is at none. */
int
fdir_go(struct fdir *d, const char *path, size_t len);

/* Let fd be the folder that the entry at path is in; name: its own. */
int
fdir_find(struct fdir *d, const char *path, size_t len,
    char name[static FNAME_MAX + 1]);

/* As fdir_go, the last folder being made where it is missing. */
int
fdir_enter(struct fdir *d, const char *path, size_t len);

/* Bring everything to disk. */
int
fdir_sync(const struct fdir *d);

#endif
