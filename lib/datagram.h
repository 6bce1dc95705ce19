/* datagram: frames to datagram records and back, for a session on UDP.
 * SPDX-License-Identifier: ISC */
#ifndef DATAGRAM_H
#define DATAGRAM_H

#include "fault.h"
#include "packet.h"

/* What is told at the end. */
struct datagram_count {
	unsigned long frames; /* sealed, or opened and passed on */
	unsigned long signs; /* empty records */
	unsigned long stale; /* not sealed: too old */
	unsigned long false_; /* not authentic, or no frame */
	unsigned long old; /* repeated, or too late to tell */
	unsigned long refused; /* ICMP said that nobody is there */
};

/* Seal the frames that come from in, each as one datagram to out, until the
 * frame e, which goes three times.  Empty records go at the beginning and each
 * half second in which nothing else is sent.  JPEG and sound frames older than
 * stale milliseconds are left out, coded pictures from such a one up to the
 * next key picture.  0 after e; -1 and a fault: X_PEER for what is no frame,
 * X_SYS where in ends without e.  SIGHUP, SIGINT and SIGTERM, unless ignored,
 * end it: e goes as a hang-up, three times, before the process dies by them. */
int
datagram_seal(struct packet_out *p, int in, int out, int stale,
    struct datagram_count *count, struct fault *f);

/* Open datagrams from in and write the frames that are in them to out, until
 * the frame e and 250 ms beyond it, for what it has overtaken.  What is not
 * authentic is counted, no more.  0 after e; -1 and a fault: X_TIME after 15 s
 * without an authentic datagram.  When nobody reads out any more, SIGPIPE is
 * raised. */
int
datagram_open(struct packet_in *p, int in, int out, const char *who,
    struct datagram_count *count, struct fault *f);

#endif
