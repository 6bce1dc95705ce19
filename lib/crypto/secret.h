/* secret: memory for keys: locked, guarded, never in a core dump.
 * SPDX-License-Identifier: ISC */
#ifndef SECRET_H
#define SECRET_H

#include <stddef.h>

/* n zero bytes that are kept out of swap where the system lets us, with guard
 * pages around them.  The first call makes libsodium ready and turns off core
 * dumps for the process and what it executes.  NULL and errno if that cannot
 * be had. */
void *
secret_new(size_t n);

/* Wipe and free; NULL is nothing. */
void
secret_free(void *p);

#endif
