/* hash: BLAKE2b (RFC 7693) of bytes that come in pieces, and HMAC-SHA-256 (RFC
 * 2104) of few.
 * SPDX-License-Identifier: ISC */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_BYTES = 32 };

/* A hash under way; a copy of it goes its own way. */
struct hash {
	_Alignas(64) unsigned char state[384];
};

void
hash_begin(struct hash *h);
void
hash_add(struct hash *h, const void *p, size_t n);

/* The BLAKE2b-256 of all that was added.  h is used up. */
void
hash_end(struct hash *h, uint8_t out[static HASH_BYTES]);

/* HMAC-SHA-256 under key over a label and then the n bytes at p. */
void
hash_hmac(uint8_t out[static HASH_BYTES], const uint8_t *key, size_t kn,
    const char *label, const uint8_t *p, size_t n);

#endif
