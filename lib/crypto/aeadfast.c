/* aeadfast: the same two ciphers by libcrypto, for bulk.
 * SPDX-License-Identifier: ISC */
#include "crypto/aead.h"
#include "crypto/aeadfast.h"

#ifdef AEAD_LIBCRYPTO

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* A context for each cipher and direction, with the key it has now. */
static struct way {
	EVP_CIPHER_CTX *ctx;
	uint64_t id; /* of the struct aead whose key it has; 0: none */
} ways[2][2];
static EVP_CIPHER *ciphers[2];

static int
index_of(int cipher)
{
	return cipher == AEAD_AESGCM;
}

/* Begin a message.  The context, or NULL. */
static EVP_CIPHER_CTX *
begin(const struct aead *a, int seal, const uint8_t *nonce, const uint8_t *ad,
    size_t adn)
{
	struct way *w = &ways[index_of(a->cipher)][seal];
	const uint8_t *key = w->id == a->id ? NULL : a->key;
	int len;

	w->id = 0;
	if (!w->ctx ||
	    EVP_CipherInit_ex2(w->ctx, NULL, key, nonce, seal, NULL) != 1)
		return NULL;
	if (adn > 0 && EVP_CipherUpdate(w->ctx, NULL, &len, ad, (int)adn) != 1)
		return NULL;
	w->id = a->id;
	return w->ctx;
}

static int
fast_seal(const struct aead *a, const uint8_t nonce[static 12],
    const uint8_t *ad, size_t adn, uint8_t *out, const uint8_t *in, size_t n)
{
	EVP_CIPHER_CTX *ctx;
	int len, end;

	if (n > INT_MAX || adn > INT_MAX)
		return -1;
	ctx = begin(a, 1, nonce, ad, adn);
	return ctx && EVP_CipherUpdate(ctx, out, &len, in, (int)n) == 1 &&
	               EVP_CipherFinal_ex(ctx, out + len, &end) == 1 &&
	               EVP_CIPHER_CTX_ctrl(
	                   ctx, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG, out + n) == 1
	           ? 0
	           : -1;
}

static int
fast_open(const struct aead *a, const uint8_t nonce[static 12],
    const uint8_t *ad, size_t adn, uint8_t *out, const uint8_t *in, size_t n)
{
	uint8_t tag[AEAD_TAG];
	EVP_CIPHER_CTX *ctx;
	int len, end;

	n -= AEAD_TAG;
	memcpy(tag, in + n, AEAD_TAG);
	ctx = n > INT_MAX || adn > INT_MAX ? NULL : begin(a, 0, nonce, ad, adn);
	if (ctx &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG, tag) ==
	        1 &&
	    EVP_CipherUpdate(ctx, out, &len, in, (int)n) == 1 &&
	    EVP_CipherFinal_ex(ctx, out + len, &end) == 1)
		return 0;
	/* libcrypto writes before it knows that the tag is right. */
	OPENSSL_cleanse(out, n);
	return -1;
}

/* The contexts hold expanded keys. */
static void
wipe(void)
{
	int i;

	for (i = 0; i < 4; i++) {
		EVP_CIPHER_CTX_free(ways[i / 2][i % 2].ctx);
		ways[i / 2][i % 2] = (struct way){NULL, 0};
	}
}

/* All that is set up once.  0, or -1. */
static int
prepare(void)
{
	static const char *const names[2] = {
	    "ChaCha20-Poly1305", "AES-256-GCM"};
	static const uint8_t zero[AEAD_KEY];
	uint8_t text[AEAD_TAG + 1] = {0}, back[1];
	struct aead a;
	int i, seal;

	if (OPENSSL_init_crypto(
	        OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL) !=
	        1 ||
	    atexit(wipe) != 0)
		return -1;
	for (i = 0; i < 2; i++) {
		ciphers[i] = EVP_CIPHER_fetch(NULL, names[i], NULL);
		for (seal = 0; ciphers[i] && seal < 2; seal++) {
			ways[i][seal].ctx = EVP_CIPHER_CTX_new();
			if (!ways[i][seal].ctx ||
			    EVP_CipherInit_ex2(ways[i][seal].ctx, ciphers[i],
			        zero, zero, seal, NULL) != 1)
				return -1;
		}
		if (!ciphers[i])
			return -1;
	}
	/* Whatever the first use sets up is set up now. */
	for (i = AEAD_CHACHAPOLY; i <= AEAD_AESGCM; i++) {
		if (aead_init(&a, i, zero) == -1)
			continue;
		if (fast_seal(&a, zero, NULL, 0, text, zero, 1) == -1 ||
		    fast_open(&a, zero, NULL, 0, back, text, sizeof(text)) ==
		        -1)
			return -1;
	}
	return 0;
}

int
aeadfast_use(void)
{
	static const struct aead_engine engine = {fast_seal, fast_open};
	static int ready;

	if (!ready)
		ready = prepare() == 0 ? 1 : -1;
	if (ready == 1)
		aead_engine(&engine);
	return ready == 1;
}

#else

int
aeadfast_use(void)
{
	return 0;
}

#endif
