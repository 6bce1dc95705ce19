/* secret: memory for keys: locked, guarded, never in a core dump.
 * SPDX-License-Identifier: ISC */
#ifndef SECRET_H
#define SECRET_H

#include <stddef.h>

/* n zero bytes with guard pages around them, locked out of swap if the system
 * permits.  The first call initialises libsodium and disables core dumps for
 * this process and its programs.  NULL and errno if that fails. */
void *
secret_new(size_t n);

/* Wipe and free; NULL is allowed. */
void
secret_free(void *p);

#endif
