/* noise: the Noise Protocol Framework (revision 34) for the patterns X, XX
 * and XXpsk0 over 25519 and SHA256.
 * SPDX-License-Identifier: ISC */
#ifndef NOISE_H
#define NOISE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "crypto/aead.h"

enum noise_pattern { NOISE_X, NOISE_XX, NOISE_XXPSK0 };

enum {
	NOISE_KEY = 32,
	NOISE_HASH = 32,
	NOISE_MAX = 65535, /* bytes in a message */
	/* most bytes added to a payload: e, s, two tags */
	NOISE_OVERHEAD = 2 * NOISE_KEY + 2 * AEAD_TAG
};

/* X25519 of the secret key that arg stands for, and their key.  0, or -1. */
typedef int
noise_dh(const void *arg, uint8_t shared[static NOISE_KEY],
    const uint8_t theirs[static NOISE_KEY]);

/* A HandshakeState with its SymmetricState (section 5).  Wipe it when done. */
struct noise {
	struct aead k;
	uint64_t n;
	uint8_t h[NOISE_HASH], ck[NOISE_HASH];
	uint8_t s[NOISE_KEY], spub[NOISE_KEY]; /* ours, static, */
	noise_dh *dh; /* instead of s, if it is not NULL */
	const void *arg;
	uint8_t e[NOISE_KEY], epub[NOISE_KEY]; /* ours, ephemeral */
	uint8_t rs[NOISE_KEY], re[NOISE_KEY]; /* theirs */
	uint8_t psk[NOISE_KEY];
	enum noise_pattern pattern;
	int initiator, has_key, has_e, message;
};

/* Begin.  s: our static secret key.  rs: the responder's public key, needed by
 * the initiator of X, else NULL.  psk: for XXpsk0, else NULL.  0, or -1 if this
 * machine lacks the cipher. */
int
noise_begin(struct noise *x, enum noise_pattern pattern, int cipher,
    int initiator, const uint8_t *prologue, size_t pn,
    const uint8_t s[static NOISE_KEY], const uint8_t *rs, const uint8_t *psk);

/* Call before the first message of XX or XXpsk0: spub becomes our static key,
 * and dh, given arg, computes X25519 with its secret half. */
void
noise_static(struct noise *x, const uint8_t public[static NOISE_KEY],
    noise_dh *dh, const void *arg);

/* Use this ephemeral secret key, not a fresh one: for test vectors, and for
 * XX's first message, which is sent before the cipher is known. */
void
noise_ephemeral(struct noise *x, const uint8_t e[static NOISE_KEY]);

/* Write the next message, with a payload of n bytes, to out, which has room for
 * n + NOISE_OVERHEAD.  Its length; or -1: not our turn, a key of low order, or
 * too long. */
ssize_t
noise_write(struct noise *x, uint8_t *out, const uint8_t *payload, size_t n);

/* Read the next message, of n bytes; payload has room for n bytes.  The length
 * of the payload; or -1: not authentic, or not our turn; the state is then
 * unusable. */
ssize_t
noise_read(struct noise *x, uint8_t *payload, const uint8_t *msg, size_t n);

/* Is the handshake over?  1 or 0. */
int
noise_done(const struct noise *x);

/* The two transport keys (Split, section 5.2) from our side.  After a one-way
 * pattern the responder's sending key and the initiator's receiving key must
 * not be used. */
void
noise_split(
    const struct noise *x, struct aead *sending, struct aead *receiving);

#endif
