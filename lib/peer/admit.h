/* admit: decide about a key that has proved itself, exchange verdicts, and name
 * it.
 * SPDX-License-Identifier: ISC */
#ifndef ADMIT_H
#define ADMIT_H

#include "peer/handshake.h"
#include "peer/trust.h"

enum { ADMIT_MS = 120000 }; /* for a person to answer */

/* Fill in the part before the blank line. */
struct admit {
	struct handshake *h;
	struct transport *l;
	const struct trust *t;
	/* The purpose of this side; a listener's may be several, with commas;
	 * "": anything. */
	const char *purposes;
	const char *own; /* the name we suggest */
	int any; /* accept any key (-t) */
	int code; /* a spoken code was used: if a new key's name is taken, a
	           * person chooses another */
	void (*tell)(const char *fmt, ...) /* print a line for the person */
	    __attribute__((format(printf, 1, 2)));

	/* Before a person is asked about a new key: 0; -1: do not ask. */
	int (*asks)(void);
	/* A listener, before it accepts a key: 1; 0: we are talking to another.
	 * NULL: 1. */
	int (*claim)(void);

	enum trust_verdict trust;
	char name[PEER_NAME + 1]; /* our name for the other side; "": not yet */
	int heard; /* their verdict is here */
	int busy; /* we said busy; an unknown key was declined instead */
	struct verdict theirs;
};

/* Is the key of h welcome?  Confirms the handshake, except that a caller sends
 * a wrong listener no message 3 and so hides who it is.  A person at a terminal
 * is shown an unknown key and its words and asked for a new name, or for a
 * known key at a new host whether to go on; a verdict that comes meanwhile is
 * kept.  1; 0 and a fault, which a verdict must tell the other side; -1 and any
 * other fault. */
int
admit_judge(struct admit *g, struct fault *f);

/* Exchange verdicts with a welcome key: the caller sends its own first and the
 * listener answers.  0 if they accept us; -1 and a fault, X_SYS if one side is
 * busy. */
int
admit_exchange(struct admit *g, struct fault *f);

/* Name the other side, and add a new key or host to peers.  0, or -1 and a
 * fault. */
int
admit_name(struct admit *g, struct fault *f);

/* Do the purposes agree?  0, or -1 and a fault: X_USE for a caller, X_PEER for
 * a listener, which goes on waiting. */
int
admit_purpose(const struct admit *g, struct fault *f);

#endif
