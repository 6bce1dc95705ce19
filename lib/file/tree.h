/* tree: walk a folder and its contents, without a list in memory.
 * SPDX-License-Identifier: ISC */
#ifndef TREE_H
#define TREE_H

#include <stddef.h>

enum {
	TREE_DEPTH = 256, /* most nested folders */
	TREE_PATH = 4095 /* most bytes in a path */
};

enum tree_kind {
	TREE_FILE,
	TREE_LINK,
	TREE_IN, /* a folder; its contents follow */
	TREE_OUT, /* its end; the walk's own folder comes last */
	TREE_OTHER, /* a device, socket or FIFO */
	TREE_DEEP, /* nested too deep, or its path is too long */
	TREE_FAIL, /* cannot be read: errno in err */
	TREE_END /* no more entries */
};

/* The current entry. */
struct tree_entry {
	enum tree_kind kind;
	int dir; /* the folder it is in; for IN and OUT itself */
	const char *name; /* its name in dir; not for IN and OUT */
	const char *path; /* relative to the folder walked, itself "" */
	size_t len; /* of path */
	int err;
};

struct tree;

/* Begin with the folder at path; dir is that folder at first.  NULL and
 * errno. */
struct tree *
tree_start(const char *path);

/* Go to the next entry, in the folder's order, and return its kind.  Symbolic
 * links are never followed.  e is valid until the next call. */
enum tree_kind
tree_next(struct tree *t, struct tree_entry *e);

/* End a walk at any point. */
void
tree_stop(struct tree *t);

#endif
