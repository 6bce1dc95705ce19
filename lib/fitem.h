/* fitem: what is offered: a file or folder of the command line.
 * SPDX-License-Identifier: ISC */
#ifndef FITEM_H
#define FITEM_H

#include <stdint.h>

#include "fault.h"
#include "fname.h"
#include "ftree.h"

struct fitem {
	const char *path;
	char name[FNAME_MAX + 1]; /* the one it goes by */
	uint8_t kind; /* FWIRE_PLAIN, FWIRE_FOLDER or FWIRE_ATLEAST */
	uint64_t size, count; /* bytes in all, files */
};

/* The item at path, links being followed; of a folder nothing is counted.  0, or
 * -1 and a fault (X_USE). */
int
fitem_look(struct fitem *i, const char *path, struct fault *f);

/* Count what is in a folder, by a walk of w, until tick_ms() == until. */
void
fitem_count(struct fitem *i, struct ftree *w, int64_t until);

#endif
