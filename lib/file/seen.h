/* seen: a set of keys of 16 bytes.
 * SPDX-License-Identifier: ISC */
#ifndef SEEN_H
#define SEEN_H

#include <stddef.h>
#include <stdint.h>

/* Begin with zeros. */
struct seen {
	void *root;
};

struct seen_key {
	uint64_t a, b;
};

/* 1: added; 0: it was there already; -1 and errno: no memory. */
int
seen_add(struct seen *s, struct seen_key key);

/* Is it there?  1 or 0. */
int
seen_has(const struct seen *s, struct seen_key key);

#endif
