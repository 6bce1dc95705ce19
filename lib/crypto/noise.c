/* noise: the Noise Protocol Framework (revision 34) for the patterns X, XX
 * and XXpsk0 over 25519 and SHA256.
 * SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include "crypto/noise.h"

/* The tokens of section 7.  E and S send a key; the others mix a secret, their
 * letters naming the two keys, the initiator's first. */
enum token { END, E, S, EE, ES, SE, SS, PSK };

static const struct pattern {
	const char *name;
	int pre; /* the pattern has the responder's static key in advance */
	int messages;
	enum token tokens[3][6];
} patterns[] = {
    [NOISE_X] = {"X", 1, 1, {{E, ES, S, SS}}},
    [NOISE_XX] = {"XX", 0, 3, {{E}, {E, EE, S, ES}, {S, SE}}},
    [NOISE_XXPSK0] = {"XXpsk0", 0, 3, {{PSK, E}, {E, EE, S, ES}, {S, SE}}},
};

static void
mix_hash(struct noise *x, const uint8_t *data, size_t n)
{
	crypto_hash_sha256_state sha;

	crypto_hash_sha256_init(&sha);
	crypto_hash_sha256_update(&sha, x->h, sizeof(x->h));
	crypto_hash_sha256_update(&sha, data, n);
	crypto_hash_sha256_final(&sha, x->h);
}

/* HKDF (section 4.3): `outputs` keys of 32 bytes, one after another. */
static void
hkdf(const uint8_t ck[static NOISE_HASH], const uint8_t *ikm, size_t n,
    uint8_t *out, int outputs)
{
	crypto_auth_hmacsha256_state mac;
	uint8_t temp[NOISE_HASH], i;

	crypto_auth_hmacsha256_init(&mac, ck, NOISE_HASH);
	crypto_auth_hmacsha256_update(&mac, ikm, n);
	crypto_auth_hmacsha256_final(&mac, temp);
	for (i = 1; i <= outputs; i++, out += NOISE_HASH) {
		crypto_auth_hmacsha256_init(&mac, temp, sizeof(temp));
		if (i > 1)
			crypto_auth_hmacsha256_update(
			    &mac, out - NOISE_HASH, NOISE_HASH);
		crypto_auth_hmacsha256_update(&mac, &i, 1);
		crypto_auth_hmacsha256_final(&mac, out);
	}
	sodium_memzero(temp, sizeof(temp));
	sodium_memzero(&mac, sizeof(mac));
}

static void
set_key(struct noise *x, const uint8_t key[static AEAD_KEY])
{
	aead_init(&x->k, x->k.cipher, key);
	x->has_key = 1;
	x->n = 0;
}

static void
mix_key(struct noise *x, const uint8_t *ikm, size_t n)
{
	uint8_t out[2 * NOISE_HASH];

	hkdf(x->ck, ikm, n, out, 2);
	memcpy(x->ck, out, NOISE_HASH);
	set_key(x, out + NOISE_HASH);
	sodium_memzero(out, sizeof(out));
}

/* MixKeyAndHash, for a psk. */
static void
mix_psk(struct noise *x)
{
	uint8_t out[3 * NOISE_HASH];

	hkdf(x->ck, x->psk, sizeof(x->psk), out, 3);
	memcpy(x->ck, out, NOISE_HASH);
	mix_hash(x, out + NOISE_HASH, NOISE_HASH);
	set_key(x, out + 2 * NOISE_HASH);
	sodium_memzero(out, sizeof(out));
}

/* Mix X25519 of our e or s with their key.  0; or -1 for a key of low order,
 * whose secret anybody knows (section 12.1 leaves the check to us). */
static int
mix_dh(struct noise *x, enum token ours, const uint8_t theirs[static NOISE_KEY])
{
	uint8_t dh[NOISE_KEY];
	int bad;

	if (ours == S && x->dh)
		bad = x->dh(x->arg, dh, theirs);
	else
		bad = crypto_scalarmult(dh, ours == S ? x->s : x->e, theirs);
	if (!bad)
		mix_key(x, dh, sizeof(dh));
	sodium_memzero(dh, sizeof(dh));
	return bad;
}

static int
mix_token(struct noise *x, enum token t)
{
	switch (t) {
	case EE:
		return mix_dh(x, E, x->re);
	case ES:
		return x->initiator ? mix_dh(x, E, x->rs) : mix_dh(x, S, x->re);
	case SE:
		return x->initiator ? mix_dh(x, S, x->re) : mix_dh(x, E, x->rs);
	case SS:
		return mix_dh(x, S, x->rs);
	case PSK:
		mix_psk(x);
		return 0;
	default:
		return -1;
	}
}

/* EncryptAndHash: out gets n bytes, and a tag with a key.  Its length. */
static size_t
encrypt_and_hash(struct noise *x, uint8_t *out, const uint8_t *in, size_t n)
{
	if (x->has_key) {
		aead_seal(&x->k, x->n++, x->h, sizeof(x->h), out, in, n);
		n += AEAD_TAG;
	} else if (n > 0) {
		memmove(out, in, n);
	}
	mix_hash(x, out, n);
	return n;
}

/* DecryptAndHash of n bytes, tag included.  The plaintext's length, or -1. */
static ssize_t
decrypt_and_hash(struct noise *x, uint8_t *out, const uint8_t *in, size_t n)
{
	uint8_t h[NOISE_HASH];

	memcpy(h, x->h, sizeof(h));
	mix_hash(x, in, n);
	if (!x->has_key) {
		if (n > 0)
			memmove(out, in, n);
		return (ssize_t)n;
	}
	if (aead_open(&x->k, x->n++, h, sizeof(h), out, in, n) == -1)
		return -1;
	return (ssize_t)(n - AEAD_TAG);
}

/* Send a fresh public key in the clear; with a psk it is mixed in as a key too
 * (section 9.2). */
static void
mix_e(struct noise *x, const uint8_t e[static NOISE_KEY])
{
	mix_hash(x, e, NOISE_KEY);
	if (x->pattern == NOISE_XXPSK0)
		mix_key(x, e, NOISE_KEY);
}

int
noise_begin(struct noise *x, enum noise_pattern pattern, int cipher,
    int initiator, const uint8_t *prologue, size_t pn,
    const uint8_t s[static NOISE_KEY], const uint8_t *rs, const uint8_t *psk)
{
	const struct pattern *p = &patterns[pattern];
	static const uint8_t zero[AEAD_KEY];
	char name[64];
	size_t n;

	memset(x, 0, sizeof(*x));
	if (aead_init(&x->k, cipher, zero) == -1)
		return -1;
	x->pattern = pattern;
	x->initiator = initiator;
	memcpy(x->s, s, NOISE_KEY);
	crypto_scalarmult_base(x->spub, x->s);
	if (rs)
		memcpy(x->rs, rs, NOISE_KEY);
	if (psk)
		memcpy(x->psk, psk, NOISE_KEY);

	/* Longer names are hashed, shorter padded (section 5.2). */
	n = (size_t)snprintf(name, sizeof(name), "Noise_%s_25519_%s_SHA256",
	    p->name, cipher == AEAD_AESGCM ? "AESGCM" : "ChaChaPoly");
	if (n <= NOISE_HASH)
		memcpy(x->h, name, n);
	else
		crypto_hash_sha256(x->h, (const uint8_t *)name, n);
	memcpy(x->ck, x->h, NOISE_HASH);
	mix_hash(x, prologue, pn);
	if (p->pre)
		mix_hash(x, initiator ? x->rs : x->spub, NOISE_KEY);
	return 0;
}

void
noise_static(struct noise *x, const uint8_t public[static NOISE_KEY],
    noise_dh *dh, const void *arg)
{
	x->dh = dh;
	x->arg = arg;
	memcpy(x->spub, public, NOISE_KEY);
}

void
noise_ephemeral(struct noise *x, const uint8_t e[static NOISE_KEY])
{
	memcpy(x->e, e, NOISE_KEY);
	crypto_scalarmult_base(x->epub, x->e);
	x->has_e = 1;
}

int
noise_done(const struct noise *x)
{
	return x->message == patterns[x->pattern].messages;
}

ssize_t
noise_write(struct noise *x, uint8_t *out, const uint8_t *payload, size_t n)
{
	const enum token *t;
	uint8_t fresh[NOISE_KEY];
	size_t at = 0;

	if (noise_done(x) || (x->message & 1) == x->initiator ||
	    n > NOISE_MAX - NOISE_OVERHEAD)
		return -1;
	for (t = patterns[x->pattern].tokens[x->message]; *t != END; t++) {
		if (*t == E) {
			if (!x->has_e) {
				randombytes_buf(fresh, sizeof(fresh));
				noise_ephemeral(x, fresh);
				sodium_memzero(fresh, sizeof(fresh));
			}
			memcpy(out + at, x->epub, NOISE_KEY);
			at += NOISE_KEY;
			mix_e(x, x->epub);
		} else if (*t == S) {
			at += encrypt_and_hash(x, out + at, x->spub, NOISE_KEY);
		} else if (mix_token(x, *t) != 0) {
			return -1;
		}
	}
	at += encrypt_and_hash(x, out + at, payload, n);
	x->message++;
	return (ssize_t)at;
}

ssize_t
noise_read(struct noise *x, uint8_t *payload, const uint8_t *msg, size_t n)
{
	const enum token *t;
	size_t want;

	if (noise_done(x) || (x->message & 1) != x->initiator || n > NOISE_MAX)
		return -1;
	for (t = patterns[x->pattern].tokens[x->message]; *t != END; t++) {
		if (*t == E || *t == S) {
			want =
			    NOISE_KEY + (*t == S && x->has_key ? AEAD_TAG : 0);
			if (n < want)
				return -1;
			if (*t == E) {
				memcpy(x->re, msg, NOISE_KEY);
				mix_e(x, x->re);
			} else if (decrypt_and_hash(x, x->rs, msg, want) ==
			           -1) {
				return -1;
			}
			msg += want;
			n -= want;
		} else if (mix_token(x, *t) != 0) {
			return -1;
		}
	}
	x->message++;
	return decrypt_and_hash(x, payload, msg, n);
}

void
noise_split(const struct noise *x, struct aead *sending, struct aead *receiving)
{
	uint8_t out[2 * NOISE_HASH];

	hkdf(x->ck, NULL, 0, out, 2);
	aead_init(x->initiator ? sending : receiving, x->k.cipher, out);
	aead_init(
	    x->initiator ? receiving : sending, x->k.cipher, out + NOISE_HASH);
	sodium_memzero(out, sizeof(out));
}
