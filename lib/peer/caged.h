/* caged: a confined child reads all that a stranger sends, and hands back a
 * result of fixed size.
 * SPDX-License-Identifier: ISC */
#ifndef CAGED_H
#define CAGED_H

#include <sys/types.h>

#include "peer/admit.h"

/* The program's functions. */
struct caged {
	/* In the parent: take the spoken code; as claim of struct handshake. */
	int (*code)(char prs[static CODE_PASS], struct fault *f);
	/* In the child: enter the cage; report to the listener that a key was
	 * proved ('p'), or a line for the person; print why it ends. */
	void (*enter)(void);
	void (*reached)(char what);
	void (*news)(const char *line);
	void (*say)(const struct fault *f);
	int64_t patience; /* ms to wait for both verdicts; 0: the time left */
};

/* Converse: fills in g's results, and of its handshake the keys and x.rs; our
 * secret key is wiped.  Returns the child, which may go on repeating its last
 * datagram; 0: it has ended and said why, with wait(2)'s *status; -1 and a
 * fault. */
pid_t
caged_run(struct admit *g, const struct caged *c, int *status, struct fault *f);

#endif
