/* key: X25519 identities as bytes, as text, and as words to read aloud.
 * SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "crypto/key.h"
#include "crypto/words.h"

_Static_assert(KEY_BYTES == crypto_scalarmult_BYTES, "X25519");
_Static_assert(KEY_TEXT + 1 == sodium_base64_ENCODED_LEN(
                                   KEY_BYTES, sodium_base64_VARIANT_ORIGINAL),
    "base64");
_Static_assert(KEY_WORDS_MAX >= KEY_WORDS * (WORDS_LEN + 1), "words");

int
key_parse(uint8_t key[static KEY_BYTES], const char *text)
{
	char again[KEY_TEXT + 1] = "";
	size_t n;
	int bad;

	bad = strlen(text) != KEY_TEXT ||
	      sodium_base642bin(key, KEY_BYTES, text, KEY_TEXT, NULL, &n, NULL,
	          sodium_base64_VARIANT_ORIGINAL) == -1 ||
	      n != KEY_BYTES;
	/* libsodium 1.0.18 accepts some non-ASCII bytes as base64 letters. */
	if (!bad) {
		key_text(again, key);
		bad = sodium_memcmp(again, text, KEY_TEXT) != 0;
	}
	sodium_memzero(again, sizeof(again));
	if (bad)
		sodium_memzero(key, KEY_BYTES);
	return bad ? -1 : 0;
}

void
key_text(char text[static KEY_TEXT + 1], const uint8_t key[static KEY_BYTES])
{
	sodium_bin2base64(
	    text, KEY_TEXT + 1, key, KEY_BYTES, sodium_base64_VARIANT_ORIGINAL);
}

void
key_public(
    uint8_t public[static KEY_BYTES], const uint8_t secret[static KEY_BYTES])
{
	(void)crypto_scalarmult_base(public, secret);
}

void
key_make(uint8_t secret[static KEY_BYTES])
{
	randombytes_buf(secret, KEY_BYTES);
	/* Clamp it as wg(8) does. */
	secret[0] &= 248;
	secret[31] = (secret[31] & 127) | 64;
}

int
key_same(const uint8_t a[static KEY_BYTES], const uint8_t b[static KEY_BYTES])
{
	return crypto_verify_32(a, b) == 0;
}

void
key_words(
    char out[static KEY_WORDS_MAX], const uint8_t public[static KEY_BYTES])
{
	uint8_t hash[32];
	unsigned i;
	size_t at = 0;

	crypto_generichash(hash, sizeof(hash), public, KEY_BYTES, NULL, 0);
	for (i = 0; i < KEY_WORDS; i++)
		at += (size_t)snprintf(out + at, KEY_WORDS_MAX - at, "%s%s",
		    i ? " " : "", words_at(i, hash[i]));
}
