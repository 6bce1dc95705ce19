/* fget: the side of chat-file that receives.
 * SPDX-License-Identifier: ISC */
#ifndef FGET_H
#define FGET_H

#include "fault.h"
#include "fprog.h"

struct fget {
	int in, out, root; /* root: the folder to put things in */
	const char *peer; /* what to call the other side */
	struct fprog *prog;
	/* Shows the offer (harmless, of several lines) and asks: 1 take it,
	 * 0 no, -1 and a fault when nobody can be asked. */
	int (*ask)(const char *offer, struct fault *f);
};

/* Receive what the other side offers.  0 when all of it is on disk; 1 when all
 * of it but what was said; -1 and a fault. */
int
fget_run(const struct fget *g, struct fault *f);

#endif
