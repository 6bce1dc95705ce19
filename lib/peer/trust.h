/* trust: whether a key is the one we want to talk to (chat(7), WHOM TO
 * TRUST).
 * SPDX-License-Identifier: ISC */
#ifndef TRUST_H
#define TRUST_H

#include <limits.h>

#include "base/fault.h"
#include "crypto/key.h"
#include "peer/peers.h"

/* What we know before the call. */
struct trust {
	struct peers peers;
	char path[PATH_MAX]; /* of the peers file */
	int initiator; /* to be set after trust_begin: this side called */
	const char
	    *host; /* as the caller typed it; NULL: a listener, or unknown */
	const char *wanted; /* -p as given, or NULL */
	uint8_t key[KEY_BYTES]; /* the one -p means */
	const struct peer *named; /* whose line it is, or NULL */
};

enum trust_verdict {
	TRUST_WRONG = -1, /* not the key that is wanted: a fault */
	TRUST_UNKNOWN, /* in no line of peers, and nobody in particular wanted */
	TRUST_KNOWN, /* in peers, name set */
	TRUST_ELSEWHERE, /* the same, but no line has the host that was called */
	TRUST_WANTED /* the very key -p gives, which is in no line */
};

/* Read the peers file and find what wanted (NULL: nobody in particular) means:
 * a NAME or a KEY.  0, or -1 and a fault: X_USE, or X_PEER where nobody is wanted
 * in particular and host is the NAME of one key and the HOST of another. */
int
trust_begin(
    struct trust *t, const char *host, const char *wanted, struct fault *f);

/* The host that a caller's host binds to keys: not NULL, and not a relay
 * (`@relay.example`), where anybody may be met. */
const char *
trust_host(const struct trust *t);

/* Judge a key that has proved itself. */
enum trust_verdict
trust_judge(const struct trust *t, const uint8_t key[static KEY_BYTES],
    char name[static PEER_NAME + 1], struct fault *f);

#endif
