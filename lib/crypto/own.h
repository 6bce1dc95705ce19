/* own: an identity of ours, whose secret key is here or with another process.
 * SPDX-License-Identifier: ISC */
#ifndef OWN_H
#define OWN_H

#include "crypto/key.h"

struct own {
	uint8_t public[KEY_BYTES];
	uint8_t secret[KEY_BYTES]; /* unless there is a holder */
	/* Asks the holder for what own_dh gives, by the descriptor at. */
	int (*holder)(int at, uint8_t shared[static KEY_BYTES],
	    const uint8_t theirs[static KEY_BYTES]);
	int at;
};

/* The secret key is in place: fill in the rest. */
void
own_here(struct own *own);

/* X25519 of our secret key and their public one; arg is a struct own.  0, or -1:
 * theirs is of low order, or the holder does not answer. */
int
own_dh(const void *arg, uint8_t shared[static KEY_BYTES],
    const uint8_t theirs[static KEY_BYTES]);

#endif
