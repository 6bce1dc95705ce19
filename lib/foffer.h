/* foffer: what the other side offers: its names, and the list that is shown.
 * SPDX-License-Identifier: ISC */
#ifndef FOFFER_H
#define FOFFER_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "fname.h"
#include "fwire.h"

enum {
	FOFFER_NAMES = 2 << 20, /* most bytes of names */
	FOFFER_SHOWN = 20 /* most items in the list */
};

/* Begin with zeros. */
struct foffer {
	uint32_t items;
	uint64_t size; /* in all */
	int atleast; /* not all of it was counted */
	uint8_t fresh[FWIRE_ITEMS / 8]; /* the answer, a bit an item */
	/* private */
	char names[FOFFER_NAMES]; /* kind, name and NUL of each */
	uint32_t at[FWIRE_ITEMS]; /* where each begins */
	size_t used;
	char text[FOFFER_SHOWN * (4 * FNAME_MAX + 80) + 100];
	size_t len;
};

/* One more item, its name made safe.  0, or -1 and a fault (X_PEER). */
int
foffer_add(
    struct foffer *o, const struct fwire *m, const char *peer, struct fault *f);

/* FWIRE_PLAIN, FWIRE_FOLDER or FWIRE_ATLEAST. */
char
foffer_kind(const struct foffer *o, uint64_t item);
const char *
foffer_name(const struct foffer *o, uint64_t item);

/* The list, harmless, of several lines: when all has been added. */
const char *
foffer_list(struct foffer *o);

#endif
