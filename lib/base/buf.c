/* buf: memory that grows.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "base/buf.h"

int
buf_grow(uint8_t **p, size_t *room, size_t want)
{
	uint8_t *more;

	if (*room >= want)
		return 0;
	more = realloc(*p, want);
	if (!more)
		return -1;
	*p = more;
	*room = want;
	return 0;
}
