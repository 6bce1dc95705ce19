/* udpopen: datagram records to frames, for a session on UDP.
 * SPDX-License-Identifier: ISC */
#ifndef UDPOPEN_H
#define UDPOPEN_H

#include "base/fault.h"
#include "wire/datagram.h"

/* What is told at the end. */
struct udpopen_count {
	unsigned long frames; /* opened and passed on */
	unsigned long signs; /* empty records */
	unsigned long false_; /* not authentic, or no frame */
	unsigned long old; /* repeated, or too late to tell */
	unsigned long refused; /* ICMP said that nobody is there */
};

/* Open datagrams from in and write the frames that are in them to out, until
 * the frame e and 250 ms beyond it, for what it has overtaken.  What is not
 * authentic is counted, no more.  0 after e; -1 and a fault: X_TIME after 15 s
 * without an authentic datagram, or, with silence, after that many ms without a
 * frame.  When nobody reads out any more, SIGPIPE is raised. */
int
udpopen_frames(struct datagram_in *p, int in, int out, const char *who,
    int64_t silence, struct udpopen_count *count, struct fault *f);

#endif
