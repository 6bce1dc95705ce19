/* receipts: the lines that were sent and not yet confirmed as shown.
 * SPDX-License-Identifier: ISC */
#ifndef RECEIPTS_H
#define RECEIPTS_H

#include <stddef.h>
#include <stdint.h>

enum {
	RECEIPTS_KEPT = 64, /* newest lines kept */
	RECEIPTS_BYTES = 512 /* bytes kept of each */
};

/* Begin with zeros. */
struct receipts {
	uint32_t sent; /* lines in all; wraps */
	uint32_t shown; /* those of them that are confirmed */
	struct {
		size_t n;
		char text[RECEIPTS_BYTES];
	} line[RECEIPTS_KEPT]; /* by number, modulo */
};

/* Add the line that is sent next, with or without its newline. */
void
receipts_add(struct receipts *r, const uint8_t *p, size_t n);

/* Line `number` and those before it are confirmed.  Impossible numbers are
 * ignored. */
void
receipts_confirm(struct receipts *r, uint32_t number);

/* How many lines are unconfirmed. */
uint32_t
receipts_left(const struct receipts *r);

/* The beginning of a line, counted back from the last, which is 1; without its
 * newline.  NULL if it is not kept. */
const char *
receipts_line(const struct receipts *r, uint32_t back, size_t *n);

#endif
