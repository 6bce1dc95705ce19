/* greet: from a key that has proved itself to a name: is it welcome, what does
 * the other side say, what is it called.
 * SPDX-License-Identifier: ISC */
#ifndef GREET_H
#define GREET_H

#include "handshake.h"
#include "trust.h"

enum { GREET_MS = 120000 }; /* for a person's answer */

/* Fill in the first part. */
struct greet {
	struct handshake *h;
	struct link *l;
	const struct trust *t;
	int any; /* any key is welcome */
	int choose; /* a person chooses where a new key's name is taken */
	void (*tell)(const char *fmt, ...) /* a line for the person */
	    __attribute__((format(printf, 1, 2)));

	char
	    name[PEER_NAME + 1]; /* the other side's, for us; empty: none yet */
	int new; /* it is to be remembered */
	int heard, accepted; /* its verdict is there, and what it is */
	char suggested[HANDSHAKE_NAME + 1]; /* the name it goes by */
};

/* Is the key of h welcome?  Confirms the handshake, except to the wrong
 * listener: to that one a caller does not even say who it is.  A person at a
 * terminal is shown an unknown key and its words, and asked for a name that no
 * other key has; meanwhile a verdict that comes is kept.  1; 0 and a fault that
 * the other side is to be told by a verdict; -1 and any other fault. */
int
greet_judge(struct greet *g, struct fault *f);

/* Wait for the other side's verdict, if it is not there yet.  0 if we are
 * welcome, or -1 and a fault. */
int
greet_hear(struct greet *g, struct fault *f);

/* Give the other side its name, and write a new one down.  0, or -1 and a
 * fault. */
int
greet_name(struct greet *g, struct fault *f);

#endif
