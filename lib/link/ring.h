/* ring: a part of a stream of bytes, addressed by offsets in the stream.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_RING_H
#define LINK_RING_H

#include <stddef.h>
#include <stdint.h>

/* Holds bytes low..low + size of a stream, for any low.  Begin with zeros. */
struct ring {
	uint8_t *p;
	size_t size; /* a power of two, or 0 */
};

/* Make room for the bytes from low to high, keeping those from low on.  0, or
 * -1: no memory. */
int
ring_fit(struct ring *r, uint64_t low, uint64_t high);

/* Copy n bytes at that offset in, or out.  They must be within the ring. */
void
ring_put(struct ring *r, uint64_t at, const uint8_t *p, size_t n);
void
ring_get(const struct ring *r, uint64_t at, uint8_t *p, size_t n);

void
ring_free(struct ring *r);

#endif
