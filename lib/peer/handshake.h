/* handshake: openings, Noise messages, verdicts (chat-wire(5), HANDSHAKE).
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
	HANDSHAKE_NAME = 64, /* most bytes of a suggested name */
	HANDSHAKE_PURPOSE = 16, /* most letters of a purpose */
	HANDSHAKE_OPEN = 7 /* `chat1`, ciphers, mode and version */
};

enum handshake_mode {
	HANDSHAKE_KEYS = 0,
	HANDSHAKE_CODE = 1,
	HANDSHAKE_ROOM = 2 /* a room of two known keys: psk is theirs */
};

/* One side of a handshake, all secret.  Fill in the part before the blank
 * line. */
struct handshake {
	int initiator;
	int offer; /* AEAD_ bits of the ciphers we would use */
	enum handshake_mode mode;
	struct own own; /* our identity */
	/* With a code: called just before our share is sent; takes the code so
	 * that only we can use it, and puts it, normalised, in prs.  0, or -1
	 * and a fault.  NULL: prs is set already. */
	int (*claim)(char prs[static CODE_PASS], struct fault *f);
	char prs[CODE_PASS];
	uint8_t psk[NOISE_KEY]; /* of a room; a code sets it */

	struct noise x, try;
	struct aead sending, receiving;
	struct aead session; /* of the session, receiving */
	struct cpace cpace;
	uint8_t e[NOISE_KEY];
	uint8_t opening[HANDSHAKE_OPEN + 1]; /* both, the caller's first */
};

/* Learn the other side's key, h->x.rs: the caller has read Noise message 2 and
 * not sent the third, the listener has read message 3.  0, or -1 and a
 * fault. */
int
handshake_meet(struct handshake *h, struct transport *l, struct fault *f);

/* Accept that key: the caller sends message 3.  Both then have the transport
 * keys. 0, or -1 and a fault. */
int
handshake_confirm(struct handshake *h, struct transport *l, struct fault *f);

/* A side's decision about the other's key, sent after the Noise messages. */
struct verdict {
	int accepted;
	int busy; /* if not accepted: a listener that is talking to another */
	char purpose[HANDSHAKE_PURPOSE + 1]; /* of the call: letters; "": any */
	char name[HANDSHAKE_NAME + 1]; /* that this side suggests; "": none */
};

/* 1 if it is 1 to HANDSHAKE_PURPOSE letters, else 0. */
int
handshake_purpose(const char *word, size_t n);

/* Send our verdict; declining, it has no purpose and name. */
int
handshake_tell(struct handshake *h, struct transport *l,
    const struct verdict *v, struct fault *f);

/* Wait for their verdict.  If the session begins without it, they have
 * accepted, and purpose and name are empty.  0, or -1 and a fault. */
int
handshake_hear(struct handshake *h, struct transport *l, struct verdict *v,
    struct fault *f);

/* After both verdicts: set the session's keys, h->sending and h->receiving. */
void
handshake_keys(struct handshake *h);

#endif
