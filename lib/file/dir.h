/* dir: folders below one folder, and nowhere else.
 * SPDX-License-Identifier: ISC */
#ifndef DIR_H
#define DIR_H

#include <stddef.h>
#include <sys/types.h>

#include "file/name.h"
#include "file/seen.h"
#include "wire/filemsg.h"

/* Paths are relative to the root, of names that name_good accepts and that are
 * made safe here; no symbolic link is followed.  A name that is no folder's
 * stands for the first one with a number that is.  What returns int returns 0,
 * or -1 and errno. */
struct dir {
	int root;
	int fd; /* the folder used last, or -1 */
	/* private */
	char path[NAME_MOST + 1 + FILEMSG_PATH]; /* its path, as it was given */
	size_t len;
	dev_t root_dev, dev;
	struct seen made; /* folders, by device and inode */
};

/* root stays open until the end of the program. */
int
dir_start(struct dir *d, int root);

/* Let fd be the folder at path; the root is at none. */
int
dir_go(struct dir *d, const char *path, size_t len);

/* Let fd be the folder that the entry at path is in; name: its own. */
int
dir_find(struct dir *d, const char *path, size_t len,
    char name[static NAME_MOST + 1]);

/* As dir_go, the last folder being made where it is missing. */
int
dir_enter(struct dir *d, const char *path, size_t len);

/* Did dir_enter make the folder that fd is?  1 or 0. */
int
dir_made(const struct dir *d);

/* Bring everything to disk. */
int
dir_sync(const struct dir *d);

#endif
