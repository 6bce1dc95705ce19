/* buf: memory that grows.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

int
buf_grow(void *p, size_t *room, size_t want)
{
	void *at;

	if (*room >= want)
		return 0;
	/* C has no generic pointer to a pointer, so copy the bytes. */
	memcpy(&at, p, sizeof(at));
	at = realloc(at, want);
	if (!at)
		return -1;
	memcpy(p, &at, sizeof(at));
	*room = want;
	return 0;
}
