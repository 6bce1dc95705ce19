/* sealed: the header of a sealed file (chat-wire(5), SEALED FILES).
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/be.h"
#include "crypto/hash.h"
#include "crypto/keywrap.h"
#include "crypto/noise.h"
#include "wire/sealed.h"

static const uint8_t magic[6] = {'c', 'h', 'a', 't', 'X', '1'};

enum {
	CIPHER = SEALED_CIPHER,
	FORM = SEALED_FORM,
	ENTRIES = SEALED_COUNT + 1,
	SALT = SEALED_HEAD,
	PASSES = SALT + SEALED_SALT,
	KIB = PASSES + 4,
	CHECK = KIB + 4
};

static void
head(uint8_t *out, int cipher, enum sealed_form form)
{
	memcpy(out, magic, sizeof(magic));
	out[CIPHER] = (uint8_t)cipher;
	out[FORM] = (uint8_t)form;
}

ssize_t
sealed_length(const uint8_t *in, size_t n)
{
	if (n < SEALED_HEAD)
		return SEALED_HEAD;
	if (memcmp(in, magic, sizeof(magic)) != 0 ||
	    (in[CIPHER] != AEAD_CHACHAPOLY && in[CIPHER] != AEAD_AESGCM))
		return -1;
	switch (in[FORM]) {
	case SEALED_KEY:
		return SEALED_HEAD + SEALED_KEY_REST;
	case SEALED_PASS:
		return SEALED_HEAD + SEALED_PASS_REST;
	case SEALED_MANY:
		if (n <= SEALED_COUNT)
			return ENTRIES;
		if (in[SEALED_COUNT] < 1 || in[SEALED_COUNT] > SEALED_KEYS)
			return -1;
		return ENTRIES + in[SEALED_COUNT] * SEALED_ENTRY;
	}
	return -1;
}

ssize_t
sealed_key_make(struct record *r, uint8_t out[static SEALED_MAX], int cipher,
    const uint8_t id[static KEY_BYTES], const uint8_t to[static KEY_BYTES])
{
	struct noise x;
	struct aead none;
	ssize_t n;

	head(out, cipher, SEALED_KEY);
	if (noise_begin(
	        &x, NOISE_X, cipher, 1, out, SEALED_HEAD, id, to, NULL) == -1)
		return -2;
	n = noise_write(&x, out + SEALED_HEAD, NULL, 0);
	if (n != -1)
		noise_split(&x, &r->key, &none);
	r->n = 0;
	sodium_memzero(&x, sizeof(x));
	sodium_memzero(&none, sizeof(none));
	return n == -1 ? -1 : SEALED_HEAD + n;
}

int
sealed_key_open(struct record *r, const uint8_t in[static SEALED_MAX],
    const uint8_t id[static KEY_BYTES], uint8_t from[static KEY_BYTES])
{
	struct noise x;
	struct aead none;
	uint8_t empty[SEALED_KEY_REST];
	int bad;

	if (noise_begin(&x, NOISE_X, in[CIPHER], 0, in, SEALED_HEAD, id, NULL,
	        NULL) == -1)
		return -2;
	bad = noise_read(&x, empty, in + SEALED_HEAD, SEALED_KEY_REST) != 0;
	if (!bad) {
		noise_split(&x, &none, &r->key);
		memcpy(from, x.rs, KEY_BYTES);
	}
	r->n = 0;
	sodium_memzero(&x, sizeof(x));
	sodium_memzero(&none, sizeof(none));
	return bad ? -1 : 0;
}

/* HMAC-SHA-256(K, label || the first n bytes of the header). */
static void
derive(uint8_t out[static 32], const uint8_t k[static 32], const char *label,
    const uint8_t *header, size_t n)
{
	hash_hmac(out, k, 32, label, header, n);
}

/* Set the records' key from the file's key and the whole header.  0, or -1. */
static int
many_key(struct record *r, const uint8_t *header, const uint8_t k[static 32])
{
	uint8_t key[AEAD_KEY];
	int bad;

	derive(key, k, "chat many", header,
	    (size_t)sealed_length(header, ENTRIES));
	bad = aead_init(&r->key, header[CIPHER], key);
	r->n = 0;
	sodium_memzero(key, sizeof(key));
	return bad;
}

ssize_t
sealed_many_make(struct record *r, uint8_t out[static SEALED_MAX], int cipher,
    const uint8_t id[static KEY_BYTES], const uint8_t (*to)[KEY_BYTES],
    size_t count, size_t *low)
{
	uint8_t k[32], *entry = out + ENTRIES;
	ssize_t bad = 0;
	struct noise x;

	head(out, cipher, SEALED_MANY);
	out[SEALED_COUNT] = (uint8_t)count;
	randombytes_buf(k, sizeof(k));
	for (*low = 0; *low < count; ++*low, entry += SEALED_ENTRY) {
		if (noise_begin(&x, NOISE_X, cipher, 1, out, ENTRIES, id,
		        to[*low], NULL) == -1)
			bad = -2;
		else if (noise_write(&x, entry, k, sizeof(k)) == -1)
			bad = -1;
		if (bad)
			break;
	}
	if (!bad && many_key(r, out, k) == -1)
		bad = -2;
	sodium_memzero(&x, sizeof(x));
	sodium_memzero(k, sizeof(k));
	return bad ? bad : entry - out;
}

int
sealed_many_open(struct record *r, const uint8_t in[static SEALED_MAX],
    const uint8_t id[static KEY_BYTES], uint8_t from[static KEY_BYTES])
{
	const uint8_t *entry = in + ENTRIES;
	uint8_t k[SEALED_ENTRY];
	int i, bad = -1;
	struct noise x;

	for (i = 0; bad == -1 && i < in[SEALED_COUNT]; i++) {
		if (noise_begin(&x, NOISE_X, in[CIPHER], 0, in, ENTRIES, id,
		        NULL, NULL) == -1)
			bad = -2;
		else if (noise_read(&x, k, entry, SEALED_ENTRY) == 32)
			bad = 0;
		entry += SEALED_ENTRY;
	}
	if (bad == 0) {
		memcpy(from, x.rs, KEY_BYTES);
		if (many_key(r, in, k) == -1)
			bad = -2;
	}
	sodium_memzero(&x, sizeof(x));
	sodium_memzero(k, sizeof(k));
	return bad;
}

/* Derive both keys of a passphrase.  0; -1 and errno; -2: cipher missing. */
static int
stretch(struct record *r, uint8_t check[static SEALED_CHECK],
    const uint8_t *header, const char *pass, size_t n)
{
	uint8_t k[32], key[AEAD_KEY];
	int bad;

	if (!(aead_offer() & header[CIPHER]))
		return -2;
	if (keywrap_stretch(k, pass, n, header + SALT,
	        be32_get(header + PASSES), be32_get(header + KIB)) == -1)
		return -1;
	derive(key, k, "chat file", header, CHECK);
	derive(check, k, "chat check", header, CHECK);
	bad = aead_init(&r->key, header[CIPHER], key);
	r->n = 0;
	sodium_memzero(k, sizeof(k));
	sodium_memzero(key, sizeof(key));
	return bad ? -2 : 0;
}

ssize_t
sealed_pass_make(struct record *r, uint8_t out[static SEALED_MAX], int cipher,
    const char *pass, size_t n, uint32_t passes, uint32_t kib)
{
	int bad;

	head(out, cipher, SEALED_PASS);
	randombytes_buf(out + SALT, SEALED_SALT);
	be32_put(out + PASSES, passes);
	be32_put(out + KIB, kib);
	bad = stretch(r, out + CHECK, out, pass, n);
	return bad ? bad : SEALED_HEAD + SEALED_PASS_REST;
}

int
sealed_pass_open(struct record *r, const uint8_t in[static SEALED_MAX],
    const char *pass, size_t n)
{
	uint8_t check[SEALED_CHECK];
	int bad = stretch(r, check, in, pass, n);

	if (bad)
		return bad;
	if (sodium_memcmp(check, in + CHECK, sizeof(check)) == 0)
		return 0;
	errno = EBADMSG;
	return -1;
}
