/* own: our identity, whose secret key is in this process or held by another.
 * SPDX-License-Identifier: ISC */
#ifndef OWN_H
#define OWN_H

#include "crypto/key.h"

struct own {
	uint8_t public[KEY_BYTES];
	uint8_t secret[KEY_BYTES]; /* unset if there is a holder */
	/* Ask the holder, on descriptor at, for what own_dh gives. */
	int (*holder)(int at, uint8_t shared[static KEY_BYTES],
	    const uint8_t theirs[static KEY_BYTES]);
	int at;
};

/* The secret key is set: fill in the rest. */
void
own_here(struct own *own);

/* X25519 of our secret key and their public one; arg is a struct own.  0; or
 * -1: their key is of low order, or the holder does not answer. */
int
own_dh(const void *arg, uint8_t shared[static KEY_BYTES],
    const uint8_t theirs[static KEY_BYTES]);

#endif
