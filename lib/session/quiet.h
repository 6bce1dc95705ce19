/* quiet: how long the peer of a session may be silent.
 * SPDX-License-Identifier: ISC */
#ifndef QUIET_H
#define QUIET_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

/* Fill in the part before the blank line; the rest is zero. */
struct quiet {
	const char *name; /* the peer's, for messages */
	/* Our chat-seal closes it once our end is delivered; then 3 s without a
	 * record are too long.  -1: no limit. */
	int sealer;
	int64_t silence; /* most ms with no record received and none of our
	                  * bytes acknowledged; 0: no limit */

	int answer; /* our end was delivered: wait for theirs */
	int64_t since; /* clock_ms() of their last record or of other progress;
	                * 0: at the start */
	uint64_t taken; /* our bytes acknowledged by then */
};

/* Wait until in is readable.  part: bytes here of an unfinished record; opened:
 * records were opened since the last call.  0; or -1 or STREAM_UNENDED and a
 * fault (stream.h).  If out breaks or is closed first, SIGPIPE is raised. */
int
quiet_wait(
    struct quiet *q, int in, int out, size_t part, int opened, struct fault *f);

#endif
