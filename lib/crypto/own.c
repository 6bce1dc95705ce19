/* own: our identity, whose secret key is in this process or held by another.
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
