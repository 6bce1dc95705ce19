/* buf: memory that grows.
 * SPDX-License-Identifier: ISC */
#ifndef BUF_H
#define BUF_H

#include <stddef.h>

/* p is the address of a pointer to *room bytes from malloc, or of NULL.  Grow
 * them to at least want bytes, contents kept; never shrink.  0; or -1 and
 * errno, with everything as it was. */
int
buf_grow(void *p, size_t *room, size_t want);

#endif
