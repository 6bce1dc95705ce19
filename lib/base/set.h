/* set: a set of keys of 16 bytes, each with a number.
 * SPDX-License-Identifier: ISC */
#ifndef SET_H
#define SET_H

#include <stdint.h>

/* Begin with zeros. */
struct set {
	void *root;
};

struct set_key {
	uint64_t a, b;
};

/* 1: added, with the number 0; 0: it was there already; -1 and errno: no memory. */
int
set_add(struct set *s, struct set_key key);

/* The number of a key; NULL: it is not there. */
uint64_t *
set_find(const struct set *s, struct set_key key);

/* The set is not used after it. */
void
set_free(struct set *s);

#endif
