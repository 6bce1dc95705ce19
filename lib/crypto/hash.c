/* hash: BLAKE2b (RFC 7693) of bytes in pieces, and HMAC-SHA-256 (RFC 2104) of
 * short input.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "crypto/hash.h"

_Static_assert(sizeof(crypto_generichash_state) <= sizeof(struct hash),
    "the state of libsodium fits");

static crypto_generichash_state *
state(struct hash *h)
{
	return (crypto_generichash_state *)(void *)h->state;
}

void
hash_begin(struct hash *h)
{
	/* The first call picks the fastest code for this machine; if it fails,
	 * the portable code is used. */
	if (sodium_init() == -1)
		errno = 0;
	crypto_generichash_init(state(h), NULL, 0, HASH_BYTES);
}

void
hash_add(struct hash *h, const void *p, size_t n)
{
	crypto_generichash_update(state(h), p, n);
}

void
hash_end(struct hash *h, uint8_t out[static HASH_BYTES])
{
	crypto_generichash_final(state(h), out, HASH_BYTES);
}

void
hash_hmac(uint8_t out[static HASH_BYTES], const uint8_t *key, size_t kn,
    const char *label, const uint8_t *p, size_t n)
{
	crypto_auth_hmacsha256_state mac;

	crypto_auth_hmacsha256_init(&mac, key, kn);
	crypto_auth_hmacsha256_update(
	    &mac, (const uint8_t *)label, strlen(label));
	if (n > 0)
		crypto_auth_hmacsha256_update(&mac, p, n);
	crypto_auth_hmacsha256_final(&mac, out);
	sodium_memzero(&mac, sizeof(mac));
}
