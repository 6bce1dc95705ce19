/* own: an identity of ours, whose secret key is here or with another process.
 * SPDX-License-Identifier: ISC */
#include <sodium.h>

#include "crypto/own.h"

void
own_here(struct own *own)
{
	own->holder = NULL;
	key_public(own->public, own->secret);
}

int
own_dh(const void *arg, uint8_t shared[static KEY_BYTES],
    const uint8_t theirs[static KEY_BYTES])
{
	const struct own *own = arg;

	return own->holder ? own->holder(own->at, shared, theirs)
	                   : crypto_scalarmult(shared, own->secret, theirs);
}
