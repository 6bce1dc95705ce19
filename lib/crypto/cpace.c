/* cpace: a password-authenticated key exchange (draft-irtf-cfrg-cpace-21, over
 * ristretto255 with SHA-512, ordered).
 * SPDX-License-Identifier: ISC */
#include <sodium.h>

#include "crypto/cpace.h"

#define DSI "CPaceRistretto255"
#define DSI_ISK DSI "_ISK"

enum { SHA512_BLOCK = 128 };

_Static_assert(
    CPACE_SHARE == crypto_core_ristretto255_BYTES &&
        sizeof(((struct cpace *)0)->y) == crypto_core_ristretto255_SCALARBYTES,
    "ristretto255");
_Static_assert(CPACE_ISK == crypto_hash_sha512_BYTES, "SHA-512");

/* A length as LEB128; how many bytes it took. */
static size_t
leb128(uint8_t out[static 10], size_t n)
{
	size_t i = 0;

	for (; n > 127; n >>= 7)
		out[i++] = (uint8_t)(n | 128);
	out[i++] = (uint8_t)n;
	return i;
}

/* Hash a string with its length before it: the draft's prepend_len. */
static void
add(crypto_hash_sha512_state *h, const void *p, size_t n)
{
	uint8_t len[10];

	crypto_hash_sha512_update(h, len, leb128(len, n));
	if (n > 0)
		crypto_hash_sha512_update(h, p, n);
}

void
cpace_generator(uint8_t g[static 32], const struct cpace_input *in)
{
	static const uint8_t zero[SHA512_BLOCK];
	crypto_hash_sha512_state h;
	uint8_t hash[crypto_hash_sha512_BYTES], len[10];
	size_t used, pad;

	/* Zeros, so that the password fills the first block of the hash. */
	used = sizeof(DSI) + leb128(len, in->prs.n) + in->prs.n;
	pad = used + 1 < SHA512_BLOCK ? SHA512_BLOCK - 1 - used : 0;

	crypto_hash_sha512_init(&h);
	add(&h, DSI, sizeof(DSI) - 1);
	add(&h, in->prs.p, in->prs.n);
	add(&h, zero, pad);
	add(&h, in->ci.p, in->ci.n);
	add(&h, in->sid.p, in->sid.n);
	crypto_hash_sha512_final(&h, hash);
	crypto_core_ristretto255_from_hash(g, hash);
	sodium_memzero(hash, sizeof(hash));
	sodium_memzero(&h, sizeof(h));
}

void
cpace_start(struct cpace *c, const struct cpace_input *in, const uint8_t *y)
{
	uint8_t g[32];
	size_t i;

	if (y)
		for (i = 0; i < sizeof(c->y); i++)
			c->y[i] = y[i];
	else
		crypto_core_ristretto255_scalar_random(c->y);
	cpace_generator(g, in);
	if (crypto_scalarmult_ristretto255(c->share, c->y, g) == -1)
		sodium_memzero(c->share, sizeof(c->share)); /* y was 0 */
	sodium_memzero(g, sizeof(g));
}

int
cpace_shared(uint8_t k[static 32], const uint8_t y[static 32],
    const uint8_t peer[static CPACE_SHARE])
{
	/* libsodium 1.0.18 ignores the last bit.  RFC 9496, section 4.3.1: it
	 * must be 0, as in every number below the field's prime. */
	if (!(peer[31] & 0x80) &&
	    crypto_core_ristretto255_is_valid_point(peer) &&
	    crypto_scalarmult_ristretto255(k, y, peer) == 0)
		return 0;
	sodium_memzero(k, 32);
	return -1;
}

int
cpace_finish(struct cpace *c, const struct cpace_input *in, int initiator,
    const uint8_t peer[static CPACE_SHARE], uint8_t isk[static CPACE_ISK])
{
	crypto_hash_sha512_state h;
	uint8_t k[32];
	int bad = cpace_shared(k, c->y, peer);

	if (bad == 0) {
		crypto_hash_sha512_init(&h);
		add(&h, DSI_ISK, sizeof(DSI_ISK) - 1);
		add(&h, in->sid.p, in->sid.n);
		add(&h, k, sizeof(k));
		add(&h, initiator ? c->share : peer, CPACE_SHARE);
		add(&h, in->ada.p, in->ada.n);
		add(&h, initiator ? peer : c->share, CPACE_SHARE);
		add(&h, in->adb.p, in->adb.n);
		crypto_hash_sha512_final(&h, isk);
		sodium_memzero(&h, sizeof(h));
	} else {
		sodium_memzero(isk, CPACE_ISK);
	}
	sodium_memzero(k, sizeof(k));
	sodium_memzero(c, sizeof(*c));
	return bad;
}
