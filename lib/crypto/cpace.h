/* cpace: a password-authenticated key exchange (draft-irtf-cfrg-cpace-21, over
 * ristretto255 with SHA-512, ordered).
 * SPDX-License-Identifier: ISC */
#ifndef CPACE_H
#define CPACE_H

#include <stddef.h>
#include <stdint.h>

enum { CPACE_SHARE = 32, CPACE_ISK = 64 };

struct cpace_bytes {
	const void *p; /* may be NULL when n is 0 */
	size_t n;
};

/* Inputs that both sides share.  Only cpace_finish needs the associated data. */
struct cpace_input {
	struct cpace_bytes prs; /* the password */
	struct cpace_bytes ci; /* channel identifier */
	struct cpace_bytes sid; /* session id */
	struct cpace_bytes ada, adb; /* the initiator's, the responder's */
};

/* One side of an exchange; keep it in secret memory (secret.h). */
struct cpace {
	uint8_t y[32]; /* the scalar */
	uint8_t share[CPACE_SHARE]; /* Ya or Yb, to be sent */
};

/* Compute the generator from the password, ci and sid (section 7.3 of the
 * draft: calculate_generator). */
void
cpace_generator(uint8_t g[static 32], const struct cpace_input *in);

/* Choose a random scalar, or take y, and compute c->share.  y is for test
 * vectors, else NULL. */
void
cpace_start(struct cpace *c, const struct cpace_input *in, const uint8_t *y);

/* Compute K from a scalar and the peer's share.  0; or -1, with k zero, if the
 * share is not the canonical encoding of an element, or K is the neutral
 * element. */
int
cpace_shared(uint8_t k[static 32], const uint8_t y[static 32],
    const uint8_t peer[static CPACE_SHARE]);

/* Compute the intermediate session key from the peer's share.  0, or -1 as
 * above.  c is wiped in any case. */
int
cpace_finish(struct cpace *c, const struct cpace_input *in, int initiator,
    const uint8_t peer[static CPACE_SHARE], uint8_t isk[static CPACE_ISK]);

#endif
