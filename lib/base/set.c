/* set: a set of keys of 16 bytes, each with a number.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <search.h>
#include <stdlib.h>

#include "base/set.h"

struct member {
	struct set_key key;
	uint64_t number;
};

static int
compare(const void *a, const void *b)
{
	const struct set_key *x = &((const struct member *)a)->key;
	const struct set_key *y = &((const struct member *)b)->key;

	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return x->b == y->b ? 0 : x->b < y->b ? -1 : 1;
}

int
set_add(struct set *s, struct set_key key)
{
	struct member *own;

	if (set_find(s, key))
		return 0;
	own = malloc(sizeof(*own));
	if (own) {
		*own = (struct member){.key = key};
		if (tsearch(own, &s->root, compare))
			return 1;
		free(own);
	}
	errno = ENOMEM;
	return -1;
}

uint64_t *
set_find(const struct set *s, struct set_key key)
{
	struct member m = {.key = key}, **found = tfind(&m, &s->root, compare);

	return found ? &(*found)->number : NULL;
}

void
set_free(struct set *s)
{
	tdestroy(s->root, free);
}
