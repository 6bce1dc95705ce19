/* aead: the kit's two ciphers under one key (Noise revision 34, section 12).
 * SPDX-License-Identifier: ISC */
#ifndef AEAD_H
#define AEAD_H

#include <stddef.h>
#include <stdint.h>

enum {
	AEAD_KEY = 32,
	AEAD_TAG = 16,
	/* the numbers on the wire; also the bits of an offer */
	AEAD_CHACHAPOLY = 1,
	AEAD_AESGCM = 2
};

struct aead {
	_Alignas(16) unsigned char aes[512]; /* expanded key, AESGCM only */
	uint8_t key[AEAD_KEY];
	int cipher;
	uint64_t id; /* unique among the keys of this process */
};

/* Another implementation of aead_seal and aead_open, given the nonce expanded.
 * seal may return -1; libsodium then does the work. */
struct aead_engine {
	int (*seal)(const struct aead *a, const uint8_t nonce[static 12],
	    const uint8_t *ad, size_t adn, uint8_t *out, const uint8_t *in,
	    size_t n);
	int (*open)(const struct aead *a, const uint8_t nonce[static 12],
	    const uint8_t *ad, size_t adn, uint8_t *out, const uint8_t *in,
	    size_t n);
};

/* Use it for all keys from now on; NULL: use libsodium. */
void
aead_engine(const struct aead_engine *engine);

/* The ciphers of this machine, as bits.  AESGCM counts only in hardware. */
int
aead_offer(void);

/* `chacha20poly1305` or `aes256gcm`; and back, 0 for other names. */
const char *
aead_name(int cipher);
int
aead_parse(const char *name);

/* Set a key.  0, or -1 if this machine lacks the cipher. */
int
aead_init(struct aead *a, int cipher, const uint8_t key[static AEAD_KEY]);

/* Seal n bytes under nonce: out gets n + AEAD_TAG bytes.  in and out may be
 * the same. */
void
aead_seal(const struct aead *a, uint64_t nonce, const uint8_t *ad, size_t adn,
    uint8_t *out, const uint8_t *in, size_t n);

/* Open n bytes, tag included: out gets n - AEAD_TAG.  0; or -1 if they are not
 * authentic, and out then holds none of the plaintext.  in and out may be the
 * same. */
int
aead_open(const struct aead *a, uint64_t nonce, const uint8_t *ad, size_t adn,
    uint8_t *out, const uint8_t *in, size_t n);

/* Replace the key (REKEY, sections 4.2 and 11.3). */
void
aead_rekey(struct aead *a);

#endif
