/* offer: what the other side offers: its names, and the list that is shown.
 * SPDX-License-Identifier: ISC */
#ifndef OFFER_H
#define OFFER_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "file/channel.h"
#include "file/name.h"
#include "wire/filemsg.h"

enum { OFFER_SHOWN = 20 }; /* most items in the list */

/* Begin with zeros. */
struct offer {
	uint32_t items;
	uint64_t size; /* in all */
	uint64_t entries; /* so many N, M, W and L it announces */
	int atleast; /* not all of it was counted */
	uint8_t fresh[FILEMSG_ITEMS / 8]; /* the answer, a bit an item */
	char kind[FILEMSG_ITEMS]; /* as of FILEMSG_ITEM */
	char name[FILEMSG_ITEMS][NAME_MOST + 1]; /* made safe */
	/* private */
	char text[OFFER_SHOWN * (4 * NAME_MOST + 160) + 100];
	size_t len;
};

/* One more item, that came by p; its name made safe.  0, or -1 and a fault
 * (X_PEER). */
int
offer_add(struct offer *o, const struct filemsg *m, const struct channel *p,
    struct fault *f);

/* Put the last item that was added, of m, into the list; here: it is a folder
 * that is there already. */
void
offer_show(struct offer *o, const struct filemsg *m, int here);

/* The list, harmless, of several lines: when all has been added. */
const char *
offer_list(struct offer *o);

#endif
