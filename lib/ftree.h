/* ftree: a folder and all below it, walked on the fly.
 * SPDX-License-Identifier: ISC */
#ifndef FTREE_H
#define FTREE_H

#include <dirent.h>
#include <stddef.h>

enum {
	FTREE_DEPTH = 256, /* most folders inside each other */
	FTREE_PATH = 4095 /* most bytes in a path */
};

enum ftree_kind {
	FTREE_FILE,
	FTREE_LINK,
	FTREE_IN, /* a folder; its content follows */
	FTREE_OUT, /* its content is complete; the folder walked comes last */
	FTREE_OTHER, /* a device, socket or FIFO */
	FTREE_DEEP, /* a folder too deep, or an entry whose path is too long */
	FTREE_FAIL, /* cannot be read: errno in err */
	FTREE_END /* there is no more */
};

struct ftree {
	enum ftree_kind kind;
	int dir; /* the folder the entry is in; for IN and OUT itself */
	const char *name; /* the entry's in dir; not for IN and OUT */
	char path[FTREE_PATH + 1]; /* from the folder walked; "" that itself */
	size_t len; /* of path */
	int err;
	/* private */
	DIR *folder[FTREE_DEPTH];
	size_t end[FTREE_DEPTH]; /* of each one's path */
	int depth;
	int leave; /* the last was the end of a folder */
};

/* Begin with the folder at path: dir is it.  0, or -1 and errno in err. */
int
ftree_start(struct ftree *t, const char *path);

/* Go on to the next entry, in the order of the folder, and return its kind.
 * Symbolic links are never followed.  dir, name and path are good until the
 * next call. */
enum ftree_kind
ftree_next(struct ftree *t);

/* End a walk wherever it is. */
void
ftree_stop(struct ftree *t);

#endif
