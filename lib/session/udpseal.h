/* udpseal: frames to datagram records, for a session on UDP.
 * SPDX-License-Identifier: ISC */
#ifndef UDPSEAL_H
#define UDPSEAL_H

#include "base/fault.h"
#include "wire/datagram.h"

/* What is told at the end. */
struct udpseal_count {
	unsigned long frames; /* sealed */
	unsigned long signs; /* empty records */
	unsigned long stale; /* not sealed: too old */
	unsigned long refused; /* ICMP said that nobody is there */
};

/* Seal the frames that come from in, each as one datagram to out, until the
 * frame e, which goes three times.  Empty records go at the beginning and each
 * half second in which nothing else is sent.  JPEG and sound frames older than
 * stale milliseconds are left out, coded pictures from such a one up to the
 * next key picture.  0 after e; -1 and a fault: X_PEER for what is no frame,
 * X_SYS where in ends without e.  SIGHUP, SIGINT and SIGTERM, unless ignored,
 * end it: e goes as a hang-up, three times, then the signal's number is
 * returned, and the process ought to die by it (die_as). */
int
udpseal_frames(struct datagram_out *p, int in, int out, int stale,
    struct udpseal_count *count, struct fault *f);

#endif
