/* buf: memory that grows.
 * SPDX-License-Identifier: ISC */
#ifndef BUF_H
#define BUF_H

#include <stddef.h>
#include <stdint.h>

/* Make the *room bytes at *p, from malloc or NULL, at least want; what is in them
 * stays.  They never become fewer.  0; or -1 and errno, all as it was. */
int
buf_grow(uint8_t **p, size_t *room, size_t want);

#endif
