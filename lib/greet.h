/* greet: a person is asked whether an unknown key is welcome.
 * SPDX-License-Identifier: ISC */
#ifndef GREET_H
#define GREET_H

#include "handshake.h"
#include "trust.h"

enum { GREET_MS = 120000 }; /* for an answer */

/* What the other side has said by now. */
struct greet {
	int heard; /* its verdict is there: */
	int accepted;
	char name[HANDSHAKE_NAME + 1]; /* and the name it goes by */
};

/* Show the key and its words on the terminal and ask for a name, which may not
 * be one that another key has.  Meanwhile the link is watched: a verdict that
 * comes is kept in g.  1 with the name; 0 if the person declines or does not
 * answer; -1 and a fault if the other side hangs up. */
int
greet_ask(struct greet *g, struct handshake *h, struct link *l,
    const struct trust *t, char name[static PEER_NAME + 1], struct fault *f);

#endif
