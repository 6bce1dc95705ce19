/* ring: a part of a stream of bytes, addressed by offsets in the stream.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "link/ring.h"

enum { LEAST = 16384 };

void
ring_put(struct ring *r, uint64_t at, const uint8_t *p, size_t n)
{
	size_t from = (size_t)(at & (r->size - 1)), k = r->size - from;

	if (k > n)
		k = n;
	memcpy(r->p + from, p, k);
	memcpy(r->p, p + k, n - k);
}

void
ring_get(const struct ring *r, uint64_t at, uint8_t *p, size_t n)
{
	size_t from = (size_t)(at & (r->size - 1)), k = r->size - from;

	if (k > n)
		k = n;
	memcpy(p, r->p + from, k);
	memcpy(p + k, r->p, n - k);
}

int
ring_fit(struct ring *r, uint64_t low, uint64_t high)
{
	struct ring more = {.size = r->size ? r->size : LEAST};
	size_t at;

	if (r->size && high - low <= r->size)
		return 0;
	while (more.size < high - low)
		more.size *= 2;
	more.p = malloc(more.size);
	if (!more.p)
		return -1;
	if (r->size) {
		/* Copy at once: the old ring's end is in the middle or at the
		 * end of the new one. */
		at = (size_t)(low & (r->size - 1));
		ring_put(&more, low, r->p + at, r->size - at);
		ring_put(&more, low + r->size - at, r->p, at);
	}
	free(r->p);
	*r = more;
	return 0;
}

void
ring_free(struct ring *r)
{
	free(r->p);
	*r = (struct ring){0};
}
