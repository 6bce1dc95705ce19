/* lock: a secret key under a passphrase, as one line of text (chat-wire(5),
 * KEYS AND PEERS).
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "lock.h"
#include "secret.h"

#define B64 sodium_base64_VARIANT_ORIGINAL_NO_PADDING

enum {
	SALT_TEXT = 22,
	SEALED_TEXT = 64,
	KIB_MIN = 8,
	HEAD = LOCK_TEXT - SEALED_TEXT /* what stands before the sealed key */
};

_Static_assert(LOCK_SALT == crypto_pwhash_argon2id_SALTBYTES, "salt");
_Static_assert(
    LOCK_SEALED == KEY_BYTES + crypto_aead_chacha20poly1305_ietf_ABYTES, "tag");

/* The key that one passphrase and one salt give seals one thing only. */
static const uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

static int
check(uint32_t passes, uint32_t kib)
{
	if (passes >= 1 && passes <= LOCK_PASSES && kib >= KIB_MIN &&
	    kib <= LOCK_KIB)
		return 0;
	errno = ERANGE;
	return -1;
}

int
lock_stretch(uint8_t key[static 32], const char *pass, size_t n,
    const uint8_t salt[static LOCK_SALT], uint32_t passes, uint32_t kib)
{
	if (check(passes, kib) == -1)
		return -1;
	if (crypto_pwhash_argon2id(key, 32, pass, n, salt, passes,
	        (size_t)kib * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0)
		return 0;
	errno = ENOMEM;
	return -1;
}

/* All that is to be authenticated with the sealed key; its length. */
static size_t
head(char text[static HEAD], const struct lock *l)
{
	char salt[SALT_TEXT + 1];

	sodium_bin2base64(salt, sizeof(salt), l->salt, LOCK_SALT, B64);
	return (size_t)snprintf(
	    text, HEAD, LOCK_NAME "%u$%u$%s$", l->passes, l->kib, salt);
}

int
lock_seal(struct lock *l, const uint8_t secret[static KEY_BYTES],
    const char *pass, size_t n)
{
	uint8_t *key = secret_new(32);
	char ad[HEAD];
	int bad;

	if (!key)
		return -1;
	randombytes_buf(l->salt, LOCK_SALT);
	bad = lock_stretch(key, pass, n, l->salt, l->passes, l->kib);
	if (bad == 0)
		crypto_aead_chacha20poly1305_ietf_encrypt(l->sealed, NULL,
		    secret, KEY_BYTES, (const uint8_t *)ad, head(ad, l), NULL,
		    nonce, key);
	secret_free(key);
	return bad;
}

int
lock_open(uint8_t secret[static KEY_BYTES], const struct lock *l,
    const char *pass, size_t n)
{
	uint8_t *key = secret_new(32);
	char ad[HEAD];
	int bad;

	if (!key)
		return -1;
	bad = lock_stretch(key, pass, n, l->salt, l->passes, l->kib);
	if (bad == 0 && crypto_aead_chacha20poly1305_ietf_decrypt(secret, NULL,
	                    NULL, l->sealed, LOCK_SEALED, (const uint8_t *)ad,
	                    head(ad, l), nonce, key) == -1) {
		errno = EBADMSG;
		bad = -1;
	}
	secret_free(key);
	return bad;
}

void
lock_text(char text[static LOCK_TEXT], const struct lock *l)
{
	size_t n = head(text, l);

	sodium_bin2base64(text + n, LOCK_TEXT - n, l->sealed, LOCK_SEALED, B64);
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
lock_parse(struct lock *l, const char *text)
{
	char passes[10], kib[10], salt[SALT_TEXT + 1], sealed[SEALED_TEXT + 1];
	int end = 0;

	(void)sscanf(text,
	    LOCK_NAME "%9[0-9]$%9[0-9]$%22[A-Za-z0-9+/]$%64[A-Za-z0-9+/]%n",
	    passes, kib, salt, sealed, &end);
	if (end == 0 || text[end] != '\0' ||
	    bytes(l->salt, LOCK_SALT, salt) == -1 ||
	    bytes(l->sealed, LOCK_SEALED, sealed) == -1) {
		errno = EINVAL;
		return -1;
	}
	l->passes = (uint32_t)strtoul(passes, NULL, 10);
	l->kib = (uint32_t)strtoul(kib, NULL, 10);
	return check(l->passes, l->kib);
}
