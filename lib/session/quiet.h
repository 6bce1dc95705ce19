/* quiet: how long the peer of a session may say nothing.
 * SPDX-License-Identifier: ISC */
#ifndef QUIET_H
#define QUIET_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

/* Fill in the first part; the rest is zero. */
struct quiet {
	const char *name; /* the peer's, for the sentences */
	/* What our sealer holds open until our end is delivered; 3 s without a
	 * record after that are too long.  -1: they may last. */
	int sealer;
	int64_t silence; /* ms without a record, and without anything of ours
	                  * taken, that are too long; 0: they may last */

	int answer; /* our end is delivered: theirs is due */
	int64_t since; /* clock_ms() of their last record, or of what counts as
	                * one; 0: the session begins */
	uint64_t taken; /* bytes of ours by then */
};

/* Wait until in can be read, while `part` bytes of a record are here; opened: some
 * records were, since the last call.  0; -1 or STREAM_UNENDED and a fault
 * (stream.h).  When out breaks or is closed first, SIGPIPE is raised. */
int
quiet_wait(
    struct quiet *q, int in, int out, size_t part, int opened, struct fault *f);

#endif
