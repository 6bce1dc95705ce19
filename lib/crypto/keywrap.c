/* keywrap: a secret key under a passphrase, as one line of text (chat-wire(5),
 * KEYS AND PEERS).
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "crypto/keywrap.h"
#include "crypto/secret.h"

#define B64 sodium_base64_VARIANT_ORIGINAL_NO_PADDING

enum {
	SALT_TEXT = 22,
	SEALED_TEXT = 64,
	KIB_MIN = 8,
	HEAD = KEYWRAP_TEXT - SEALED_TEXT /* before the sealed key */
};

_Static_assert(KEYWRAP_SALT == crypto_pwhash_argon2id_SALTBYTES, "salt");
_Static_assert(
    KEYWRAP_SEALED == KEY_BYTES + crypto_aead_chacha20poly1305_ietf_ABYTES,
    "tag");

/* All zero: passphrase and salt give a key that seals only once. */
static const uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

static int
check(uint32_t passes, uint32_t kib)
{
	if (passes >= 1 && passes <= KEYWRAP_PASSES && kib >= KIB_MIN &&
	    kib <= KEYWRAP_KIB)
		return 0;
	errno = ERANGE;
	return -1;
}

int
keywrap_stretch(uint8_t key[static 32], const char *pass, size_t n,
    const uint8_t salt[static KEYWRAP_SALT], uint32_t passes, uint32_t kib)
{
	if (check(passes, kib) == -1)
		return -1;
	if (crypto_pwhash_argon2id(key, 32, pass, n, salt, passes,
	        (size_t)kib * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0)
		return 0;
	errno = ENOMEM;
	return -1;
}

/* Write what the sealed key authenticates; returns its length. */
static size_t
head(char text[static HEAD], const struct keywrap *l)
{
	char salt[SALT_TEXT + 1];

	sodium_bin2base64(salt, sizeof(salt), l->salt, KEYWRAP_SALT, B64);
	return (size_t)snprintf(
	    text, HEAD, KEYWRAP_NAME "%u$%u$%s$", l->passes, l->kib, salt);
}

int
keywrap_seal(struct keywrap *l, const uint8_t secret[static KEY_BYTES],
    const char *pass, size_t n)
{
	uint8_t *key = secret_new(32);
	char ad[HEAD];
	int bad;

	if (!key)
		return -1;
	randombytes_buf(l->salt, KEYWRAP_SALT);
	bad = keywrap_stretch(key, pass, n, l->salt, l->passes, l->kib);
	if (bad == 0)
		crypto_aead_chacha20poly1305_ietf_encrypt(l->sealed, NULL,
		    secret, KEY_BYTES, (const uint8_t *)ad, head(ad, l), NULL,
		    nonce, key);
	secret_free(key);
	return bad;
}

int
keywrap_open(uint8_t secret[static KEY_BYTES], const struct keywrap *l,
    const char *pass, size_t n)
{
	uint8_t *key = secret_new(32);
	char ad[HEAD];
	int bad;

	if (!key)
		return -1;
	bad = keywrap_stretch(key, pass, n, l->salt, l->passes, l->kib);
	if (bad == 0 &&
	    crypto_aead_chacha20poly1305_ietf_decrypt(secret, NULL, NULL,
	        l->sealed, KEYWRAP_SEALED, (const uint8_t *)ad, head(ad, l),
	        nonce, key) == -1) {
		errno = EBADMSG;
		bad = -1;
	}
	secret_free(key);
	return bad;
}

void
keywrap_text(char text[static KEYWRAP_TEXT], const struct keywrap *l)
{
	size_t n = head(text, l);

	sodium_bin2base64(
	    text + n, KEYWRAP_TEXT - n, l->sealed, KEYWRAP_SEALED, B64);
}

static int
bytes(uint8_t *out, size_t n, const char *text)
{
	size_t got;

	return sodium_base642bin(
	           out, n, text, strlen(text), NULL, &got, NULL, B64) == 0 &&
	               got == n
	           ? 0
	           : -1;
}

int
keywrap_parse(struct keywrap *l, const char *text)
{
	char passes[10], kib[10], salt[SALT_TEXT + 1], sealed[SEALED_TEXT + 1];
	int end = 0;

	(void)sscanf(text,
	    KEYWRAP_NAME "%9[0-9]$%9[0-9]$%22[A-Za-z0-9+/]$%64[A-Za-z0-9+/]%n",
	    passes, kib, salt, sealed, &end);
	if (end == 0 || text[end] != '\0' ||
	    bytes(l->salt, KEYWRAP_SALT, salt) == -1 ||
	    bytes(l->sealed, KEYWRAP_SEALED, sealed) == -1) {
		errno = EINVAL;
		return -1;
	}
	l->passes = (uint32_t)strtoul(passes, NULL, 10);
	l->kib = (uint32_t)strtoul(kib, NULL, 10);
	return check(l->passes, l->kib);
}
