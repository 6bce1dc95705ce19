/* fput: the side of chat-file that sends.
 * SPDX-License-Identifier: ISC */
#ifndef FPUT_H
#define FPUT_H

#include <stddef.h>

#include "fault.h"
#include "fprog.h"

struct fput {
	int in, out;
	char **path; /* files and folders; links among them are followed */
	size_t n;
	const char *peer; /* what to call the other side */
	struct fprog *prog;
};

/* Send them.  0 when all of it is on the other side's disk; 1 when all of it
 * but what was said; -1 and a fault: X_USE before anything was sent. */
int
fput_run(const struct fput *g, struct fault *f);

#endif
