/* buf: memory that grows.
 * SPDX-License-Identifier: ISC */
#ifndef BUF_H
#define BUF_H

#include <stddef.h>

/* p: the address of a pointer, to any type, to *room bytes from malloc, or of
 * NULL.  Make them at least want; what is in them stays.  They never become
 * fewer.  0; or -1 and errno, all as it was. */
int
buf_grow(void *p, size_t *room, size_t want);

#endif
