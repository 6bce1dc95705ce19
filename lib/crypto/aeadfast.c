/* aeadfast: the same two ciphers by libcrypto, which is faster for bulk.
 * SPDX-License-Identifier: ISC */
#include "crypto/aead.h"
#include "crypto/aeadfast.h"

#ifdef AEAD_LIBCRYPTO

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* A context for each thread, cipher and direction, with its current key. */
static struct way {
	EVP_CIPHER_CTX *ctx;
	uint64_t id; /* id of the struct aead whose key it has; 0: none */
} ways[AEADFAST_THREADS][2][2];
static _Thread_local unsigned thread;
static EVP_CIPHER *ciphers[2];
static OSSL_LIB_CTX *library;

static int
index_of(int cipher)
{
	return cipher == AEAD_AESGCM;
}

/* Begin a message.  The context, or NULL on failure. */
static EVP_CIPHER_CTX *
begin(const struct aead *a, int seal, const uint8_t *nonce, const uint8_t *ad,
    size_t adn)
{
	struct way *w = &ways[thread][index_of(a->cipher)][seal];
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
	/* libcrypto writes plaintext before it has checked the tag. */
	OPENSSL_cleanse(out, n);
	return -1;
}

/* Wipe the contexts, which hold expanded keys. */
static void
wipe(void)
{
	struct way *w = ways[0][0];
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(*w); i++, w++) {
		EVP_CIPHER_CTX_free(w->ctx);
		*w = (struct way){NULL, 0};
	}
}

/* Make the calling thread's contexts of a cipher.  0, or -1. */
static int
contexts(int cipher)
{
	static const uint8_t zero[AEAD_KEY];
	uint8_t text[AEAD_TAG + 1] = {0}, back[1];
	int i = index_of(cipher), seal;
	struct aead a;

	for (seal = 0; seal < 2; seal++) {
		ways[thread][i][seal].ctx = EVP_CIPHER_CTX_new();
		if (!ways[thread][i][seal].ctx ||
		    EVP_CipherInit_ex2(ways[thread][i][seal].ctx, ciphers[i],
		        zero, zero, seal, NULL) != 1)
			return -1;
	}
	/* Encrypt once now: first use may allocate and load things. */
	if (aead_init(&a, cipher, zero) == -1)
		return 0;
	return fast_seal(&a, zero, NULL, 0, text, zero, 1) == -1 ||
	               fast_open(&a, zero, NULL, 0, back, text, sizeof(text)) ==
	                   -1
	           ? -1
	           : 0;
}

/* Set up all that is set up once.  0, or -1. */
static int
prepare(unsigned threads)
{
	static const char *const names[2] = {
	    "ChaCha20-Poly1305", "AES-256-GCM"};
	int i, bad = 0;

	if (OPENSSL_init_crypto(
	        OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL) !=
	        1 ||
	    atexit(wipe) != 0)
		return -1;
	/* Where memory is short, libcrypto's default context crashes. */
	library = OSSL_LIB_CTX_new();
	if (!library)
		return -1;
	for (i = 0; i < 2; i++) {
		ciphers[i] = EVP_CIPHER_fetch(library, names[i], NULL);
		if (!ciphers[i])
			return -1;
	}
	for (thread = 0; thread < threads && !bad; thread++)
		bad = contexts(AEAD_CHACHAPOLY) == -1 ||
		      contexts(AEAD_AESGCM) == -1;
	thread = 0;
	return bad ? -1 : 0;
}

int
aeadfast_use(unsigned threads)
{
	static const struct aead_engine engine = {fast_seal, fast_open};
	static int ready;

	if (!ready)
		ready = prepare(threads) == 0 ? 1 : -1;
	if (ready == 1)
		aead_engine(&engine);
	return ready == 1;
}

void
aeadfast_thread(unsigned number)
{
	thread = number;
}

#else

int
aeadfast_use(unsigned threads)
{
	(void)threads;
	return 0;
}

void
aeadfast_thread(unsigned number)
{
	(void)number;
}

#endif
