/* udpopen: open datagram records to frames, for a session on UDP.
 * SPDX-License-Identifier: ISC */
#ifndef UDPOPEN_H
#define UDPOPEN_H

#include "base/fault.h"
#include "wire/datagram.h"

/* Counts that -v prints at the end. */
struct udpopen_count {
	unsigned long frames; /* opened and passed on */
	unsigned long signs; /* empty records */
	unsigned long false_; /* not authentic, or not one frame */
	unsigned long old; /* repeated, or older than the window */
	unsigned long refused; /* ICMP reported a closed port */
};

/* Open datagrams from in and write their frames to out, until the frame e and
 * for 250 ms more, for frames that e overtook.  Other datagrams are only
 * counted.  0 after e; -1 and a fault: X_TIME after 15 s without an authentic
 * datagram or, if silence is set, after that many ms without a frame.  If the
 * reader of out has gone, SIGPIPE is raised. */
int
udpopen_frames(struct datagram_in *p, int in, int out, const char *who,
    int64_t silence, struct udpopen_count *count, struct fault *f);

#endif
