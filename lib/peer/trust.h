/* trust: is a key the one we want to talk to (chat(7), WHOM TO TRUST)?
 * SPDX-License-Identifier: ISC */
#ifndef TRUST_H
#define TRUST_H

#include <limits.h>

#include "base/fault.h"
#include "crypto/key.h"
#include "peer/peers.h"

/* Facts known before the handshake. */
struct trust {
	struct peers peers;
	char path[PATH_MAX]; /* of the peers file */
	int initiator; /* set after trust_begin: this side called */
	const char
	    *host; /* as the caller typed it; NULL: listener or unknown */
	const char *wanted; /* -p as given, or NULL */
	uint8_t key[KEY_BYTES]; /* the key that -p means */
	const struct peer *named; /* its line in peers, or NULL */
};

enum trust_verdict {
	TRUST_WRONG = -1, /* another key is wanted: a fault */
	TRUST_UNKNOWN, /* in no line of peers, and no -p */
	TRUST_KNOWN, /* in peers; name is set */
	TRUST_ELSEWHERE, /* the same, but not at the host that was called */
	TRUST_WANTED /* the key of -p, in no line */
};

/* Read the peers file and resolve wanted, a NAME or a KEY (NULL: any).  0, or
 * -1 and a fault: X_USE; or X_PEER if wanted is NULL and host is the NAME of
 * one key and the HOST of another. */
int
trust_begin(
    struct trust *t, const char *host, const char *wanted, struct fault *f);

/* The host to bind a key to; NULL without one and for a relay
 * (`@relay.example`), where anybody may be met. */
const char *
trust_host(const struct trust *t);

/* Judge a key that proved itself. */
enum trust_verdict
trust_judge(const struct trust *t, const uint8_t key[static KEY_BYTES],
    char name[static PEER_NAME + 1], struct fault *f);

#endif
