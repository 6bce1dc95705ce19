/* fwalk: files and folders as messages, in the order of the walk.
 * SPDX-License-Identifier: ISC */
#ifndef FWALK_H
#define FWALK_H

#include <stddef.h>
#include <stdint.h>

#include "fitem.h"
#include "fsend.h"
#include "ftree.h"

enum { FWALK_QUEUE = 2 * FWIRE_ASKED };

/* A message that waits for its turn: a FWIRE_ASK that was sent stands for its
 * file, FWIRE_LEAVE is for after those. */
struct fwaiting {
	struct fwire m;
	char *path; /* m's own */
	int fd; /* the file's */
};

/* Begin with zeros, then set what stands first. */
struct fwalk {
	struct fsend send;
	struct fitem *item;
	uint8_t fresh[FWIRE_ITEMS / 8]; /* the bits of the answer */
	uint64_t lost; /* entries that were not sent */
	struct ftree tree;
	/* private */
	struct fwaiting queue[FWALK_QUEUE];
	size_t at, end; /* of what waits, going round */
	unsigned asked; /* files that wait, open */
	unsigned most; /* where one more may: half of what may be open */
	unsigned entries;
};

/* Send them all.  0, or -1 and a fault when the session is over; what cannot be
 * sent is said and counted in lost. */
int
fwalk_send(struct fwalk *w, uint32_t items, struct fault *f);

#endif
