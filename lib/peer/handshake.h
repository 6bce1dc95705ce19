/* handshake: the conversation of chat-wire(5), HANDSHAKE: openings, Noise,
 * verdicts.
 * SPDX-License-Identifier: ISC */
#ifndef HANDSHAKE_H
#define HANDSHAKE_H

#include "base/fault.h"
#include "crypto/aead.h"
#include "crypto/code.h"
#include "crypto/cpace.h"
#include "crypto/noise.h"
#include "crypto/own.h"
#include "peer/transport.h"

enum {
	HANDSHAKE_NAME = 64, /* most bytes of the name one goes by */
	HANDSHAKE_PURPOSE = 16, /* most letters of what a call is for */
	HANDSHAKE_OPEN = 7 /* `chat1`, ciphers, mode and version */
};

enum handshake_mode {
	HANDSHAKE_KEYS = 0,
	HANDSHAKE_CODE = 1,
	HANDSHAKE_ROOM = 2 /* both know whom they meet: psk is theirs */
};

/* One side of a handshake; all of it is secret.  Fill in the first part. */
struct handshake {
	int initiator;
	int offer; /* AEAD_ bits that we would use */
	enum handshake_mode mode;
	struct own own; /* our identity */
	/* With a code: called just before our share is sent; takes the code
	 * so that nobody else can, and puts it, normalised, in prs.  0, or -1
	 * and a fault.  NULL: prs is there already. */
	int (*claim)(char prs[static CODE_PASS], struct fault *f);
	char prs[CODE_PASS];
	uint8_t psk[NOISE_KEY]; /* of a room; with a code it is computed */

	struct noise x, try;
	struct aead sending, receiving;
	struct aead session; /* receiving, as the session will have it */
	struct cpace cpace;
	uint8_t e[NOISE_KEY];
	uint8_t opening[HANDSHAKE_OPEN + 1]; /* both, the caller's first */
};

/* Go as far as to know the other side's key, h->x.rs: the caller has read
 * Noise message 2 and sent no third, the listener has read message 3.  0, or
 * -1 and a fault. */
int
handshake_meet(struct handshake *h, struct transport *l, struct fault *f);

/* Accept that key as the one to go on with: the caller sends message 3.  Both
 * have the transport keys then.  0, or -1 and a fault. */
int
handshake_confirm(struct handshake *h, struct transport *l, struct fault *f);

/* What one side says of the other's key, after the Noise messages. */
struct verdict {
	int accepted;
	int busy; /* if not: a listener that is talking to somebody else */
	char purpose[HANDSHAKE_PURPOSE + 1]; /* of the call: letters; "": any */
	char name[HANDSHAKE_NAME + 1]; /* that this side goes by; "": none */
};

/* Is it a purpose: 1 to HANDSHAKE_PURPOSE letters?  1 or 0. */
int
handshake_purpose(const char *word, size_t n);

/* Tell our verdict; one that declines says no more. */
int
handshake_tell(struct handshake *h, struct transport *l,
    const struct verdict *v, struct fault *f);

/* Wait for theirs.  Where the session has begun without it, it is an acceptance
 * without purpose and name.  0, or -1 and a fault. */
int
handshake_hear(struct handshake *h, struct transport *l, struct verdict *v,
    struct fault *f);

/* After both verdicts: the session's keys in h->sending and h->receiving. */
void
handshake_keys(struct handshake *h);

#endif
