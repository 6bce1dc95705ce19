/* foffer: what the other side offers: its names, and the list that is shown.
 * SPDX-License-Identifier: ISC */
#ifndef FOFFER_H
#define FOFFER_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "fname.h"
#include "fpipe.h"
#include "fwire.h"

enum { FOFFER_SHOWN = 20 }; /* most items in the list */

/* Begin with zeros. */
struct foffer {
	uint32_t items;
	uint64_t size; /* in all */
	int atleast; /* not all of it was counted */
	uint8_t fresh[FWIRE_ITEMS / 8]; /* the answer, a bit an item */
	char kind[FWIRE_ITEMS]; /* as of FWIRE_ITEM */
	char name[FWIRE_ITEMS][FNAME_MAX + 1]; /* made safe */
	/* private */
	char text[FOFFER_SHOWN * (4 * FNAME_MAX + 80) + 100];
	size_t len;
};

/* One more item, that came by p; its name made safe.  0, or -1 and a fault (X_PEER). */
int
foffer_add(struct foffer *o, const struct fwire *m, const struct fpipe *p,
    struct fault *f);

/* The list, harmless, of several lines: when all has been added. */
const char *
foffer_list(struct foffer *o);

#endif
