/* set: a set of keys of 16 bytes, each with a number.
 * SPDX-License-Identifier: ISC */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/set.h"

struct member {
	struct set_key key;
	uint64_t number;
};

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct set_key));
}

int
set_add(struct set *s, struct set_key key)
{
	struct member *own;

	if (set_find(s, key))
		return 0;
	if (!(own = malloc(sizeof(*own))))
		return -1;
	*own = (struct member){.key = key};
	if (tsearch(own, &s->root, compare))
		return 1;
	free(own);
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
