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
	CIPHER = 6,
	FORM = 7,
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
sealed_head(enum sealed_form *form, const uint8_t in[static SEALED_HEAD])
{
	if (memcmp(in, magic, sizeof(magic)) != 0 ||
	    (in[CIPHER] != AEAD_CHACHAPOLY && in[CIPHER] != AEAD_AESGCM) ||
	    (in[FORM] != SEALED_KEY && in[FORM] != SEALED_PASS))
		return -1;
	*form = in[FORM];
	return *form == SEALED_KEY ? SEALED_KEY_REST : SEALED_PASS_REST;
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

/* HMAC-SHA-256(K, label || the header up to its check). */
static void
derive(uint8_t out[static 32], const uint8_t k[static 32], const char *label,
    const uint8_t *header)
{
	hash_hmac(out, k, 32, label, header, CHECK);
}

/* Both keys that a passphrase gives.  0, -1 and errno, -2: no such cipher. */
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
	derive(key, k, "chat file", header);
	derive(check, k, "chat check", header);
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
