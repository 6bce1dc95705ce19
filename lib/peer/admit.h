/* admit: from a key that has proved itself to a name: is it welcome, what does
 * the other side say, what is it called.
 * SPDX-License-Identifier: ISC */
#ifndef ADMIT_H
#define ADMIT_H

#include "peer/handshake.h"
#include "peer/trust.h"

enum { ADMIT_MS = 120000 }; /* for a person's answer */

/* Fill in the first part. */
struct admit {
	struct handshake *h;
	struct transport *l;
	const struct trust *t;
	/* What this side is for: one purpose, of a listener several with commas
	 * between them; "": anything. */
	const char *purposes;
	const char *own; /* the name we go by */
	int any; /* any key is welcome */
	int code; /* because of a spoken code: a person chooses where a new
	           * key's name is taken */
	void (*tell)(const char *fmt, ...) /* a line for the person */
	    __attribute__((format(printf, 1, 2)));

	/* Before a person is asked about a new key: 0; -1: nobody is. */
	int (*asks)(void);
	/* A listener, before it tells a key that it is welcome: 1; 0: another
	 * is talked to.  NULL: 1. */
	int (*claim)(void);

	enum trust_verdict trust;
	char name[PEER_NAME + 1]; /* the other side's, for us; "": none yet */
	int heard; /* theirs is there */
	int busy; /* it was told that we are; a key that is not known was
	           * declined instead */
	struct verdict theirs;
};

/* Is the key of h welcome?  Confirms the handshake, except to the wrong
 * listener: to that one a caller does not even say who it is.  A person at a
 * terminal is shown an unknown key and its words, and asked for a name that no
 * other key has, or is asked whether to go on with a known one at a new host;
 * meanwhile a verdict that comes is kept.  1; 0 and a fault that the other side
 * is to be told by a verdict; -1 and any other fault. */
int
admit_judge(struct admit *g, struct fault *f);

/* Exchange verdicts with a key that is welcome: the caller tells its own first,
 * the listener answers it.  0 if we are welcome; -1 and a fault, X_SYS where one
 * side talks to somebody else. */
int
admit_exchange(struct admit *g, struct fault *f);

/* Give the other side its name, and write a new one down, or a new host.  0, or -1
 * and a fault. */
int
admit_name(struct admit *g, struct fault *f);

/* Do both sides mean the same by this call?  0, or -1 and a fault: X_USE for a
 * caller, X_PEER for a listener, who goes on waiting. */
int
admit_purpose(const struct admit *g, struct fault *f);

#endif
