/* tree: a folder and all below it, walked on the fly.
 * SPDX-License-Identifier: ISC */
#ifndef TREE_H
#define TREE_H

#include <stddef.h>

enum {
	TREE_DEPTH = 256, /* most folders inside each other */
	TREE_PATH = 4095 /* most bytes in a path */
};

enum tree_kind {
	TREE_FILE,
	TREE_LINK,
	TREE_IN, /* a folder; its content follows */
	TREE_OUT, /* its content is complete; the folder walked comes last */
	TREE_OTHER, /* a device, socket or FIFO */
	TREE_DEEP, /* a folder too deep, or an entry whose path is too long */
	TREE_FAIL, /* cannot be read: errno in err */
	TREE_END /* there is no more */
};

/* Where the walk is. */
struct tree_entry {
	enum tree_kind kind;
	int dir; /* the folder the entry is in; for IN and OUT itself */
	const char *name; /* the entry's in dir; not for IN and OUT */
	const char *path; /* from the folder walked; "" that itself */
	size_t len; /* of path */
	int err;
};

struct tree;

/* Begin with the folder at path, which is dir then.  NULL and errno. */
struct tree *
tree_start(const char *path);

/* Go on to the next entry, in the order of the folder, and return its kind.
 * Symbolic links are never followed.  e is good until the next call. */
enum tree_kind
tree_next(struct tree *t, struct tree_entry *e);

/* End a walk wherever it is. */
void
tree_stop(struct tree *t);

#endif
