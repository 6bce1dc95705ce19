/* ring: bytes of a stream, found by their offsets in it.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_RING_H
#define LINK_RING_H

#include <stddef.h>
#include <stdint.h>

/* Holds the bytes low..low + size of a stream, whatever low is.  Begin with
 * zeros. */
struct ring {
	uint8_t *p;
	size_t size; /* a power of two, or 0 */
};

/* Have room for the bytes from low to high, keeping what is there from low on.
 * 0, or -1 if there is no memory. */
int
ring_fit(struct ring *r, uint64_t low, uint64_t high);

/* Copy n bytes at that offset in, or out.  They must fit. */
void
ring_put(struct ring *r, uint64_t at, const uint8_t *p, size_t n);
void
ring_get(const struct ring *r, uint64_t at, uint8_t *p, size_t n);

void
ring_free(struct ring *r);

#endif
