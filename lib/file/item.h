/* item: what is offered: a file or folder of the command line.
 * SPDX-License-Identifier: ISC */
#ifndef ITEM_H
#define ITEM_H

#include <stdint.h>

#include "base/fault.h"
#include "file/name.h"
#include "file/tree.h"

struct item {
	const char *path;
	char name[NAME_MOST + 1]; /* the one it goes by */
	uint8_t kind; /* FILEMSG_PLAIN, FILEMSG_FOLDER or FILEMSG_ATLEAST */
	uint64_t size, count; /* bytes in all, files */
	uint64_t entries; /* folders below, and links */
};

/* The item at path, links being followed; of a folder nothing is counted.  0, or
 * -1 and a fault (X_USE). */
int
item_look(struct item *i, const char *path, struct fault *f);

/* Count what is in a folder, by a walk of w, until clock_ms() == until. */
void
item_count(struct item *i, struct tree *w, int64_t until);

#endif
