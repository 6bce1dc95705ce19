/* trust: whether a key is the one we want to talk to (chat(7), WHOM TO
 * TRUST).
 * SPDX-License-Identifier: ISC */
#ifndef TRUST_H
#define TRUST_H

#include <limits.h>

#include "fault.h"
#include "key.h"
#include "peers.h"

/* What we know before the call. */
struct trust {
	struct peers peers;
	char path[PATH_MAX]; /* of the peers file */
	const char *host; /* as the caller typed it; NULL for a listener */
	const char *wanted; /* -p as given, or NULL */
	uint8_t key[KEY_BYTES]; /* the one -p means */
	const struct peer *named; /* whose line it is, or NULL */
};

enum trust_verdict {
	TRUST_WRONG = -1, /* not the key that is wanted: a fault */
	TRUST_UNKNOWN, /* in no line of peers, and nobody in particular wanted */
	TRUST_KNOWN, /* in peers, name set */
	TRUST_WANTED /* the very key -p gives, which is in no line */
};

/* Read the peers file and find what wanted (NULL: nobody in particular) means:
 * a NAME or a KEY.  0, or -1 and a fault (X_USE). */
int
trust_begin(
    struct trust *t, const char *host, const char *wanted, struct fault *f);

/* Judge a key that has proved itself. */
enum trust_verdict
trust_judge(const struct trust *t, const uint8_t key[static KEY_BYTES],
    char name[static PEER_NAME + 1], struct fault *f);

#endif
