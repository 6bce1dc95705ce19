/* hash: BLAKE2b (RFC 7693) of bytes in pieces, and HMAC-SHA-256 (RFC 2104) of
 * short input.
 * SPDX-License-Identifier: ISC */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_BYTES = 32 };

/* A hash under way; it may be copied, and each copy continued. */
struct hash {
	_Alignas(64) unsigned char state[384];
};

void
hash_begin(struct hash *h);
void
hash_add(struct hash *h, const void *p, size_t n);

/* The BLAKE2b-256 of all that was added.  h must not be used again. */
void
hash_end(struct hash *h, uint8_t out[static HASH_BYTES]);

/* HMAC-SHA-256, under key, of a label followed by the n bytes at p. */
void
hash_hmac(uint8_t out[static HASH_BYTES], const uint8_t *key, size_t kn,
    const char *label, const uint8_t *p, size_t n);

#endif
