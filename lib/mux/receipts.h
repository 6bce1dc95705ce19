/* receipts: the lines that were sent and that nobody has confirmed to have shown.
 * SPDX-License-Identifier: ISC */
#ifndef RECEIPTS_H
#define RECEIPTS_H

#include <stddef.h>
#include <stdint.h>

enum {
	RECEIPTS_KEPT = 64, /* newest lines */
	RECEIPTS_BYTES = 512 /* of each */
};

/* Begin with zeros. */
struct receipts {
	uint32_t sent; /* lines in all, which wraps */
	uint32_t shown; /* of them, those that are confirmed */
	struct {
		size_t n;
		char text[RECEIPTS_BYTES];
	} line[RECEIPTS_KEPT]; /* by number */
};

/* The next line goes out, with or without its newline. */
void
receipts_add(struct receipts *r, const uint8_t *p, size_t n);

/* The other side says that line `number` is shown, and so are those before it.
 * What it cannot know is ignored. */
void
receipts_confirm(struct receipts *r, uint32_t number);

/* How many lines are not confirmed. */
uint32_t
receipts_left(const struct receipts *r);

/* The beginning of the line that is `back` before the last, from 1, without its
 * newline; NULL where it is not kept. */
const char *
receipts_line(const struct receipts *r, uint32_t back, size_t *n);

#endif
