/* udpseal: seal frames into datagram records, for a session on UDP.
 * SPDX-License-Identifier: ISC */
#ifndef UDPSEAL_H
#define UDPSEAL_H

#include "base/fault.h"
#include "wire/datagram.h"

/* Counts that -v prints at the end. */
struct udpseal_count {
	unsigned long frames; /* sealed */
	unsigned long signs; /* empty records */
	unsigned long stale; /* dropped: too old */
	unsigned long refused; /* ICMP reported a closed port */
};

/* Seal each frame from in as a datagram to out, until the frame e, which is
 * sent three times.  A keepalive (empty record) is sent at once and after each
 * 0.5 s without traffic.  JPEG and sound frames older than stale ms are
 * dropped, and coded pictures from such a one up to the next key picture.  0
 * after e; -1 and a fault: X_PEER for a malformed frame, X_SYS if in ends
 * without e.  SIGHUP, SIGINT and SIGTERM, unless ignored, send e as a hang-up,
 * three times; then the signal's number is returned, and the process should die
 * by it (die_as). */
int
udpseal_frames(struct datagram_out *p, int in, int out, int stale,
    struct udpseal_count *count, struct fault *f);

#endif
