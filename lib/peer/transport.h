/* transport: handshake messages over a stream or in datagrams (chat-wire(5),
 * HANDSHAKE).
 * SPDX-License-Identifier: ISC */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fault.h"

enum {
	TRANSPORT_MESSAGE = 256, /* most bytes of a message */
	TRANSPORT_PAD = 1200, /* bytes of a caller's opening datagram */
	TRANSPORT_DGRAM = 4120, /* bytes of the longest datagram in a session */
	TRANSPORT_FLIGHT = 2, /* most datagrams that are repeated together */
	TRANSPORT_QUIET = 15000 /* ms without a datagram: lost */
};

/* A connection during a handshake. */
struct transport {
	int in, out;
	int datagrams;
	int64_t until; /* clock_ms() to give up at */
	int64_t later; /* to give up at once the opening is here; 0: the same */
	const char *who; /* the other side, for messages */
	/* From here only for datagrams. */
	int proved; /* the other side's address is proved */
	size_t got, put; /* bytes; put <= got until that is proved */
	int quiet; /* also give up after TRANSPORT_QUIET */
	int64_t heard; /* clock_ms() of the last datagram */
	int64_t again, pause; /* clock_ms() of the next repeat (a stream:
	                       * INT64_MAX), ms to the one after it */
	int flights, refused;
	uint8_t flight[TRANSPORT_FLIGHT][TRANSPORT_PAD];
	size_t flight_n[TRANSPORT_FLIGHT];
	uint8_t held[TRANSPORT_DGRAM + 1]; /* a datagram whose head was read */
	size_t held_at, held_n;
	/* Does this datagram already belong to the session?  Then it stays
	 * unread.  NULL: none do. */
	int (*session)(void *arg, const uint8_t *dgram, size_t n);
	void *arg;
};

/* Returned by transport_message when session() said so. */
enum { TRANSPORT_SESSION = -2 };

void
transport_init(struct transport *l, int in, int out, int datagrams,
    int64_t until, const char *who);

/* Send head unchanged and a message of n bytes (on a stream its length first;
 * msg NULL: none) in one write.  Datagrams are repeated from now on, with more
 * together with the one before.  pad: least length of the datagram.  0, or -1
 * and a fault. */
int
transport_send(struct transport *l, const uint8_t *head, size_t hn,
    const uint8_t *msg, size_t n, size_t pad, int more, struct fault *f);

/* Wait for hn bytes sent without a length.  0, or -1 and a fault. */
int
transport_head(struct transport *l, uint8_t *head, size_t hn, struct fault *f);

/* Wait for a message, or the rest of a datagram whose head was read.  Its
 * length, at most TRANSPORT_MESSAGE (the rest of a datagram is cut to that); or
 * TRANSPORT_SESSION; or -1 and a fault: X_TIME, or X_PEER (hung up, or a
 * stream's length over `most`, the longest valid one, at once). */
ssize_t
transport_message(struct transport *l, uint8_t msg[static TRANSPORT_MESSAGE],
    size_t most, struct fault *f);

/* Repeat the last datagrams if it is time (l->again). */
void
transport_repeat(struct transport *l);

/* The last message was sent: on datagrams repeat it for 2 s, or until ICMP says
 * that nobody listens. */
void
transport_last(struct transport *l);

#endif
