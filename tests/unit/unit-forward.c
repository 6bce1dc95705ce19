/* unit-forward: somebody who has recorded a session, and later has both
 * identities, against it.  What is missing is one X25519 of two keys that were
 * made for that session and forgotten; with it the same code opens everything.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include <sodium.h>

#include "crypto/hash.h"
#include "crypto/noise.h"
#include "tap.h"

enum { CALLER = 1, LISTENER = 0, MESSAGES = 3, ROOM = 256, GUESSES = 2000 };

static const uint8_t prologue[] = "chat1";

/* All that went over the wire. */
static struct {
	uint8_t p[MESSAGES][ROOM];
	size_t n[MESSAGES];
} wire;

static uint8_t s[2][NOISE_KEY]; /* the identities, stolen */
static uint8_t e[2][NOISE_KEY]; /* forgotten */
static uint8_t keys[2][AEAD_KEY]; /* those of the session, by its own code */
static long tries;

static void
record(void)
{
	struct noise x[2];
	struct aead out, in;
	uint8_t got[ROOM];
	int i;

	for (i = 0; i < 2; i++) {
		randombytes_buf(s[i], NOISE_KEY);
		randombytes_buf(e[i], NOISE_KEY);
		(void)noise_begin(&x[i], NOISE_XX, AEAD_CHACHAPOLY, i, prologue,
		    sizeof(prologue), s[i], NULL, NULL);
		noise_ephemeral(&x[i], e[i]);
	}
	for (i = 0; i < MESSAGES; i++) {
		wire.n[i] = (size_t)noise_write(&x[~i & 1], wire.p[i], NULL, 0);
		(void)noise_read(&x[i & 1], got, wire.p[i], wire.n[i]);
	}
	noise_split(&x[CALLER], &out, &in);
	memcpy(keys[0], out.key, AEAD_KEY);
	memcpy(keys[1], in.key, AEAD_KEY);
}

/* The listener's side of Noise once more, of a recording. */
struct reader {
	uint8_t h[NOISE_HASH], ck[NOISE_HASH], k[AEAD_KEY];
	uint64_t nonce;
	int opened; /* how many of the tags */
};

static void
mix_hash(struct reader *r, const uint8_t *p, size_t n)
{
	crypto_hash_sha256_state sha;

	crypto_hash_sha256_init(&sha);
	crypto_hash_sha256_update(&sha, r->h, sizeof(r->h));
	crypto_hash_sha256_update(&sha, p, n);
	crypto_hash_sha256_final(&sha, r->h);
}

/* HKDF of two outputs. */
static void
hkdf(uint8_t one[static NOISE_HASH], uint8_t two[static NOISE_HASH],
    const uint8_t ck[static NOISE_HASH], const uint8_t *p, size_t n)
{
	uint8_t temp[NOISE_HASH], more[NOISE_HASH + 1];

	hash_hmac(temp, ck, NOISE_HASH, "", p, n);
	hash_hmac(one, temp, NOISE_HASH, "\1", NULL, 0);
	memcpy(more, one, NOISE_HASH);
	more[NOISE_HASH] = 2;
	hash_hmac(two, temp, NOISE_HASH, "", more, sizeof(more));
}

static void
mix_key(struct reader *r, const uint8_t dh[static NOISE_KEY])
{
	uint8_t ck[NOISE_HASH];

	memcpy(ck, r->ck, sizeof(ck));
	hkdf(r->ck, r->k, ck, dh, NOISE_KEY);
	r->nonce = 0;
}

static void
open_part(struct reader *r, const uint8_t *p, size_t n)
{
	uint8_t out[ROOM];
	struct aead a;

	(void)aead_init(&a, AEAD_CHACHAPOLY, r->k);
	r->opened +=
	    aead_open(&a, r->nonce++, r->h, sizeof(r->h), out, p, n) == 0;
	mix_hash(r, p, n);
}

/* Read the recording with these three secrets: how many of its four tags open;
 * the keys of the session as they would then be. */
static int
attack(uint8_t found[2][AEAD_KEY], const uint8_t ee[static NOISE_KEY],
    const uint8_t es[static NOISE_KEY], const uint8_t se[static NOISE_KEY])
{
	struct reader r = {.opened = 0};

	memcpy(r.h, "Noise_XX_25519_ChaChaPoly_SHA256", NOISE_HASH);
	memcpy(r.ck, r.h, NOISE_HASH);
	mix_hash(&r, prologue, sizeof(prologue));
	mix_hash(&r, wire.p[0], NOISE_KEY);
	mix_hash(&r, NULL, 0);

	mix_hash(&r, wire.p[1], NOISE_KEY);
	mix_key(&r, ee);
	open_part(&r, wire.p[1] + NOISE_KEY, NOISE_KEY + AEAD_TAG);
	mix_key(&r, es);
	open_part(&r, wire.p[1] + 2 * NOISE_KEY + AEAD_TAG, AEAD_TAG);

	open_part(&r, wire.p[2], NOISE_KEY + AEAD_TAG);
	mix_key(&r, se);
	open_part(&r, wire.p[2] + NOISE_KEY + AEAD_TAG, AEAD_TAG);
	hkdf(found[0], found[1], r.ck, NULL, 0);
	return r.opened;
}

static void
x25519(uint8_t out[static NOISE_KEY], const uint8_t secret[static NOISE_KEY],
    const uint8_t theirs[static NOISE_KEY])
{
	if (crypto_scalarmult(out, secret, theirs) == -1)
		memset(out, 0, NOISE_KEY);
}

/* Does this as ee open a tag, or give a key of the session? */
static int
guess(const uint8_t ee[static NOISE_KEY], const uint8_t es[static NOISE_KEY],
    const uint8_t se[static NOISE_KEY])
{
	uint8_t found[2][AEAD_KEY];

	tries++;
	return attack(found, ee, es, se) != 0 ||
	       memcmp(found, keys, sizeof(found)) == 0 ||
	       memcmp(found[0], keys[1], AEAD_KEY) == 0;
}

int
main(void)
{
	uint8_t ee[NOISE_KEY], es[NOISE_KEY], se[NOISE_KEY];
	uint8_t public[2][NOISE_KEY], own[NOISE_KEY], it[NOISE_KEY];
	uint8_t found[2][AEAD_KEY];
	const uint8_t *secret[] = {s[0], s[1]};
	const uint8_t *theirs[] = {wire.p[0], wire.p[1], public[0], public[1]};
	int i, j, opened = 0;

	if (sodium_init() == -1)
		return 111;
	record();
	/* With both identities these two can be computed, ... */
	x25519(es, s[LISTENER], wire.p[0]);
	x25519(se, s[CALLER], wire.p[1]);
	/* and this one cannot. */
	x25519(ee, e[CALLER], wire.p[1]);
	ok(attack(found, ee, es, se) == 4 &&
	        memcmp(found, keys, sizeof(keys)) == 0,
	    "with the forgotten keys a recording opens, and its session");

	for (i = 0; i < 2; i++)
		(void)crypto_scalarmult_base(public[i], s[i]);
	memset(it, 0, sizeof(it));
	opened += guess(it, es, se) + guess(es, es, se) + guess(se, es, se);
	for (i = 0; i < 2; i++)
		opened += guess(s[i], es, se) + guess(public[i], es, se) +
		          guess(wire.p[i], es, se);
	/* X25519 of all that is known, and keys of the thief's own. */
	for (i = 0; i < 2 + GUESSES; i++)
		for (j = 0; j < 4; j++) {
			randombytes_buf(own, sizeof(own));
			x25519(it, i < 2 ? secret[i] : own, theirs[j]);
			opened += guess(it, es, se);
		}
	/* One bit beside the right one. */
	for (i = 0; i < NOISE_KEY * 8; i++) {
		memcpy(it, ee, sizeof(it));
		it[i / 8] ^= (uint8_t)(1 << i % 8);
		opened += guess(it, es, se);
	}
	ok(opened == 0, "with both identities alone none opens");
	printf("# tries %ld\n", tries);
	return done();
}
