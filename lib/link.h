/* link: handshake messages across a stream or by datagrams (chat-wire(5),
 * HANDSHAKE).
 * SPDX-License-Identifier: ISC */
#ifndef LINK_H
#define LINK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fault.h"

enum {
	LINK_MESSAGE = 256, /* most bytes a message may say it has */
	LINK_PAD = 1200, /* a caller's opening datagram */
	LINK_DGRAM = 4120, /* the longest of a session */
	LINK_FLIGHT = 2, /* datagrams that are repeated together */
	LINK_QUIET = 15000 /* ms without any datagram: nobody is there */
};

/* A connection during a handshake. */
struct link {
	int in, out;
	int datagrams;
	int64_t until; /* tick_ms(): no waiting beyond */
	const char *who; /* the other side, for sentences */
	/* Datagrams only, from here. */
	int proved; /* that the other side is where its datagrams say */
	size_t got, put; /* bytes; while that is not proved, never put > got */
	int quiet; /* give up after LINK_QUIET too */
	int64_t heard; /* tick_ms() of the last datagram */
	int64_t again, pause; /* when to repeat (a stream: INT64_MAX), how long
	                       * after that again */
	int flights, refused;
	uint8_t flight[LINK_FLIGHT][LINK_PAD];
	size_t flight_n[LINK_FLIGHT];
	uint8_t held[LINK_DGRAM + 1]; /* a datagram whose head has been taken */
	size_t held_at, held_n;
	/* Is this waiting datagram the session's already?  Then it is left
	 * where it is.  NULL: none is. */
	int (*session)(void *arg, const uint8_t *dgram, size_t n);
	void *arg;
};

/* What link_message gives when session() said so. */
enum { LINK_SESSION = -2 };

void
link_init(struct link *l, int in, int out, int datagrams, int64_t until,
    const char *who);

/* Send head (as it is) and a message of n bytes (on a stream with its length
 * before it; msg NULL: none), in one write.  On datagrams this is what is
 * repeated from now on, beside what was sent before if more is not 0.  pad:
 * the least length of the datagram.  0, or -1 and a fault. */
int
link_send(struct link *l, const uint8_t *head, size_t hn, const uint8_t *msg,
    size_t n, size_t pad, int more, struct fault *f);

/* Wait for hn bytes that have no length before them.  0, or -1 and a fault. */
int
link_head(struct link *l, uint8_t *head, size_t hn, struct fault *f);

/* Wait for a message, or for the rest of the datagram whose head was taken:
 * its length, at most LINK_MESSAGE (the rest of a datagram is cut to that), or
 * LINK_SESSION, or -1 and a fault: X_TIME, X_PEER (hung up, or on a stream a
 * length over `most`, the longest that can be right: nobody waits for it). */
ssize_t
link_message(struct link *l, uint8_t msg[static LINK_MESSAGE], size_t most,
    struct fault *f);

/* Send again what was sent last, if it is time: l->again. */
void
link_repeat(struct link *l);

/* What was sent last was all that this side has to say: on datagrams go on
 * repeating it for 2 s, or until ICMP says that nobody is there any more. */
void
link_last(struct link *l);

#endif
