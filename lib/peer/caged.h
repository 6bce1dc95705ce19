/* caged: what a stranger sends is read by a child that can do nothing else, and
 * that hands back a result of fixed size.
 * SPDX-License-Identifier: ISC */
#ifndef CAGED_H
#define CAGED_H

#include <sys/types.h>

#include "peer/admit.h"

/* What the program does for it. */
struct caged {
	/* In the parent: take the spoken code, as claim of struct handshake. */
	int (*code)(char prs[static CODE_PASS], struct fault *f);
	/* In the child: give up everything; tell whoever listens that a key has
	 * proved itself ('p'), or a line for the person; say why it ends. */
	void (*enter)(void);
	void (*reached)(char what);
	void (*news)(const char *line);
	void (*say)(const struct fault *f);
	int64_t patience; /* ms for both verdicts; 0: the time that is left */
};

/* Converse: fills in, of g, what was found out, and of its handshake the keys and
 * x.rs; the own secret is gone.  Returns the child, which may still have to repeat
 * its last datagram; 0: it has ended and said why, *status being of wait(2); -1 and
 * a fault. */
pid_t
caged_run(struct admit *g, const struct caged *c, int *status, struct fault *f);

#endif
