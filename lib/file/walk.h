/* walk: files and folders as messages, in the order of the walk.
 * SPDX-License-Identifier: ISC */
#ifndef WALK_H
#define WALK_H

#include <stddef.h>
#include <stdint.h>

#include "file/item.h"
#include "file/send.h"
#include "file/tree.h"

enum { WALK_QUEUE = 2 * FILEMSG_ASKED };

/* A message that waits for its turn: a FILEMSG_ASK that was sent stands for its
 * file, FILEMSG_LEAVE is for after those. */
struct fwaiting {
	struct filemsg m;
	char *path; /* m's own */
	int fd; /* the file's */
};

/* Begin with zeros, then set what stands first. */
struct walk {
	struct send send;
	struct item *item;
	uint8_t fresh[FILEMSG_ITEMS / 8]; /* the bits of the answer */
	uint64_t lost; /* entries that were not sent */
	struct tree tree;
	/* private */
	struct fwaiting queue[WALK_QUEUE];
	size_t at, end; /* of what waits, going round */
	unsigned asked; /* files that wait, open */
	unsigned most; /* where one more may: half of what may be open */
	unsigned entries;
};

/* Send them all.  0, or -1 and a fault when the session is over; what cannot be
 * sent is said and counted in lost. */
int
walk_send(struct walk *w, uint32_t items, struct fault *f);

#endif
