/* aead: the kit's two ciphers under one key (Noise revision 34, section 12).
 * SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>

#include "base/be.h"
#include "crypto/aead.h"

_Static_assert(
    sizeof(crypto_aead_aes256gcm_state) <= sizeof(((struct aead *)0)->aes),
    "the state of libsodium fits");

static const struct aead_engine *other;

static const crypto_aead_aes256gcm_state *
state(const struct aead *a)
{
	return (const crypto_aead_aes256gcm_state *)(const void *)a->aes;
}

void
aead_engine(const struct aead_engine *engine)
{
	other = engine;
}

int
aead_offer(void)
{
	return AEAD_CHACHAPOLY |
	       (crypto_aead_aes256gcm_is_available() ? AEAD_AESGCM : 0);
}

const char *
aead_name(int cipher)
{
	return cipher == AEAD_AESGCM ? "aes256gcm" : "chacha20poly1305";
}

int
aead_parse(const char *name)
{
	if (strcmp(name, "aes256gcm") == 0)
		return AEAD_AESGCM;
	if (strcmp(name, "chacha20poly1305") == 0)
		return AEAD_CHACHAPOLY;
	return 0;
}

int
aead_init(struct aead *a, int cipher, const uint8_t key[static AEAD_KEY])
{
	static _Atomic uint64_t keys;

	if ((cipher != AEAD_CHACHAPOLY && cipher != AEAD_AESGCM) ||
	    !(aead_offer() & cipher))
		return -1;
	a->cipher = cipher;
	a->id = ++keys;
	memmove(a->key, key, AEAD_KEY);
	if (cipher == AEAD_AESGCM)
		crypto_aead_aes256gcm_beforenm(
		    (crypto_aead_aes256gcm_state *)(void *)a->aes, a->key);
	return 0;
}

/* 32 zero bits, then the counter: little-endian for ChaChaPoly, big-endian for
 * AESGCM. */
static void
expand(int cipher, uint8_t out[static 12], uint64_t nonce)
{
	int i;

	memset(out, 0, 4);
	if (cipher == AEAD_AESGCM)
		be64_put(out + 4, nonce);
	else
		for (i = 0; i < 8; i++)
			out[4 + i] = (uint8_t)(nonce >> (8 * i));
}

void
aead_seal(const struct aead *a, uint64_t nonce, const uint8_t *ad, size_t adn,
    uint8_t *out, const uint8_t *in, size_t n)
{
	uint8_t npub[12];

	expand(a->cipher, npub, nonce);
	if (other && other->seal(a, npub, ad, adn, out, in, n) == 0)
		return;
	if (a->cipher == AEAD_AESGCM)
		crypto_aead_aes256gcm_encrypt_afternm(
		    out, NULL, in, n, ad, adn, NULL, npub, state(a));
	else
		crypto_aead_chacha20poly1305_ietf_encrypt(
		    out, NULL, in, n, ad, adn, NULL, npub, a->key);
}

int
aead_open(const struct aead *a, uint64_t nonce, const uint8_t *ad, size_t adn,
    uint8_t *out, const uint8_t *in, size_t n)
{
	uint8_t npub[12];

	if (n < AEAD_TAG)
		return -1;
	expand(a->cipher, npub, nonce);
	if (other)
		return other->open(a, npub, ad, adn, out, in, n);
	if (a->cipher == AEAD_AESGCM)
		return crypto_aead_aes256gcm_decrypt_afternm(
		    out, NULL, NULL, in, n, ad, adn, npub, state(a));
	return crypto_aead_chacha20poly1305_ietf_decrypt(
	    out, NULL, NULL, in, n, ad, adn, npub, a->key);
}

void
aead_rekey(struct aead *a)
{
	uint8_t zero[AEAD_KEY] = {0}, out[AEAD_KEY + AEAD_TAG];

	aead_seal(a, UINT64_MAX, NULL, 0, out, zero, sizeof(zero));
	aead_init(a, a->cipher, out);
	sodium_memzero(out, sizeof(out));
}
