/* punch: from the introduction to a path between the two.
 * SPDX-License-Identifier: ISC */
#ifndef PUNCH_H
#define PUNCH_H

#include "base/fault.h"
#include "meet/paths.h"
#include "meet/seat.h"

struct punched {
	int fd; /* connected, blocking; the caller's */
	enum path path;
	int initiator;
	int punched; /* IPv4 datagrams through a router, or two */
	int pump; /* datagrams by the relay's connection: fd is that */
	int64_t rtt; /* us */
};

/* The other side, found on the LAN: without a relay between. */
struct punch_lan {
	int initiator;
	struct meet_card card;
	struct addr from; /* where it was heard; its port is a guess */
};

/* Find a path for a seat that is introduced (lan NULL), or found on the LAN.
 * Both sides choose the same: the initiator decides, in 5 s at most; the
 * responder waits for 6.5.  The seat's sockets are closed, except the one that
 * is handed on.  0, or -1 and a fault: X_PEER, X_TIME, X_SYS. */
int
punch(struct seat *s, const struct seat_how *how, const struct punch_lan *lan,
    struct punched *out, struct fault *f);

#endif
