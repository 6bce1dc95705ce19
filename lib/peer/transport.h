/* transport: handshake messages across a stream or by datagrams (chat-wire(5),
 * HANDSHAKE).
 * SPDX-License-Identifier: ISC */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fault.h"

enum {
	TRANSPORT_MESSAGE = 256, /* most bytes a message may say it has */
	TRANSPORT_PAD = 1200, /* a caller's opening datagram */
	TRANSPORT_DGRAM = 4120, /* the longest of a session */
	TRANSPORT_FLIGHT = 2, /* datagrams that are repeated together */
	TRANSPORT_QUIET = 15000 /* ms without any datagram: nobody is there */
};

/* A connection during a handshake. */
struct transport {
	int in, out;
	int datagrams;
	int64_t until; /* clock_ms(): no waiting beyond */
	int64_t later; /* and when the opening is here, beyond this; 0: the
	                * same */
	const char *who; /* the other side, for sentences */
	/* Datagrams only, from here. */
	int proved; /* that the other side is where its datagrams say */
	size_t got, put; /* bytes; while that is not proved, never put > got */
	int quiet; /* give up after TRANSPORT_QUIET too */
	int64_t heard; /* clock_ms() of the last datagram */
	int64_t again, pause; /* when to repeat (a stream: INT64_MAX), how long
	                       * after that again */
	int flights, refused;
	uint8_t flight[TRANSPORT_FLIGHT][TRANSPORT_PAD];
	size_t flight_n[TRANSPORT_FLIGHT];
	uint8_t held[TRANSPORT_DGRAM +
	             1]; /* a datagram whose head has been taken */
	size_t held_at, held_n;
	/* Is this waiting datagram the session's already?  Then it is left
	 * where it is.  NULL: none is. */
	int (*session)(void *arg, const uint8_t *dgram, size_t n);
	void *arg;
};

/* What transport_message gives when session() said so. */
enum { TRANSPORT_SESSION = -2 };

void
transport_init(struct transport *l, int in, int out, int datagrams,
    int64_t until, const char *who);

/* Send head (as it is) and a message of n bytes (on a stream with its length
 * before it; msg NULL: none), in one write.  On datagrams this is what is
 * repeated from now on, beside what was sent before if more is not 0.  pad:
 * the least length of the datagram.  0, or -1 and a fault. */
int
transport_send(struct transport *l, const uint8_t *head, size_t hn,
    const uint8_t *msg, size_t n, size_t pad, int more, struct fault *f);

/* Wait for hn bytes that have no length before them.  0, or -1 and a fault. */
int
transport_head(struct transport *l, uint8_t *head, size_t hn, struct fault *f);

/* Wait for a message, or for the rest of the datagram whose head was taken:
 * its length, at most TRANSPORT_MESSAGE (the rest of a datagram is cut to that), or
 * TRANSPORT_SESSION, or -1 and a fault: X_TIME, X_PEER (hung up, or on a stream a
 * length over `most`, the longest that can be right: nobody waits for it). */
ssize_t
transport_message(struct transport *l, uint8_t msg[static TRANSPORT_MESSAGE],
    size_t most, struct fault *f);

/* Send again what was sent last, if it is time: l->again. */
void
transport_repeat(struct transport *l);

/* What was sent last was all that this side has to say: on datagrams go on
 * repeating it for 2 s, or until ICMP says that nobody is there any more. */
void
transport_last(struct transport *l);

#endif
