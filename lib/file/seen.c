/* seen: a set of keys of 16 bytes.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <search.h>
#include <stdlib.h>

#include "file/seen.h"

static int
compare(const void *a, const void *b)
{
	const struct seen_key *x = a, *y = b;

	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return x->b == y->b ? 0 : x->b < y->b ? -1 : 1;
}

int
seen_add(struct seen *s, struct seen_key key)
{
	struct seen_key *own;

	if (seen_has(s, key))
		return 0;
	own = malloc(sizeof(*own));
	if (own) {
		*own = key;
		if (tsearch(own, &s->root, compare))
			return 1;
		free(own);
	}
	errno = ENOMEM;
	return -1;
}

int
seen_has(const struct seen *s, struct seen_key key)
{
	return tfind(&key, &s->root, compare) != NULL;
}
