/* key: X25519 identities as bytes, as text, and as words to read aloud.
 * SPDX-License-Identifier: ISC */
#ifndef KEY_H
#define KEY_H

#include <stddef.h>
#include <stdint.h>

enum {
	KEY_BYTES = 32,
	KEY_TEXT = 44, /* base64 with its one '=', as wg(8) writes keys */
	KEY_WORDS = 12, /* 96 bits of BLAKE2b-256 of the public key */
	KEY_WORDS_MAX = KEY_WORDS * 16 /* bytes, NUL included */
};

/* Read exactly KEY_TEXT characters.  0; or -1 if the length is wrong, it is not
 * base64, or unused bits are set. */
int
key_parse(uint8_t key[static KEY_BYTES], const char *text);

/* Write KEY_TEXT characters and a NUL. */
void
key_text(char text[static KEY_TEXT + 1], const uint8_t key[static KEY_BYTES]);

/* The public key of a secret one (RFC 7748, section 5). */
void
key_public(
    uint8_t public[static KEY_BYTES], const uint8_t secret[static KEY_BYTES]);

/* A fresh secret key. */
void
key_make(uint8_t secret[static KEY_BYTES]);

/* Are they the same?  1 or 0, in a time that does not depend on the bytes. */
int
key_same(const uint8_t a[static KEY_BYTES], const uint8_t b[static KEY_BYTES]);

/* The KEY_WORDS words of a key, a space between them, and a NUL. */
void
key_words(
    char out[static KEY_WORDS_MAX], const uint8_t public[static KEY_BYTES]);

#endif
