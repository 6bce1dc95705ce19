/* spans: a set of integers, kept as sorted ranges.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_SPANS_H
#define LINK_SPANS_H

#include <stddef.h>
#include <stdint.h>

/* from <= x < to */
struct span {
	uint64_t from, to;
};

/* Ranges that neither overlap nor touch, lowest first.  Begin with zeros. */
struct spans {
	struct span *v;
	size_t n;
	size_t room; /* bytes */
};

/* The index of the first range whose end is at or above x; s->n if none. */
size_t
spans_find(const struct spans *s, uint64_t x);

/* Add from..to, or remove it.  0, or -1 with the set unchanged: no memory. */
int
spans_add(struct spans *s, uint64_t from, uint64_t to);
int
spans_remove(struct spans *s, uint64_t from, uint64_t to);

/* Remove the first count ranges. */
void
spans_forget(struct spans *s, size_t count);

void
spans_free(struct spans *s);

#endif
