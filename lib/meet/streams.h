/* streams: the relay's connection and TCP calls to the other side, until a path
 * is chosen.
 * SPDX-License-Identifier: ISC */
#ifndef STREAMS_H
#define STREAMS_H

#include "meet/paths.h"
#include "meet/seat.h"

/* A connection with messages of 32 bytes: the relay's, or a direct one. */
struct line {
	int fd; /* -1: none */
	uint8_t in[MEET_PROBE];
	size_t got;
};

/* A message to the holder of that token; nonce NULL: zeros. */
void
streams_message(uint8_t out[static MEET_PROBE], char type,
    const uint8_t token[static MEET_TOKEN], const uint8_t *nonce);

/* Send one.  0, or -1: the kernel does not take it. */
int
streams_say(const struct line *l, char type,
    const uint8_t token[static MEET_TOKEN], const uint8_t *nonce);

/* Read one message, and never a byte more: 1 and *m, 0 if it is not whole yet,
 * -1 if the stream is over, or not that of one who knows our token. */
int
streams_hear(
    struct line *l, const uint8_t own[static MEET_TOKEN], struct meet_probe *m);

/* The kernel's estimate of its round trip, us. */
int64_t
streams_rtt(const struct line *l);

enum {
	STREAMS_WAYS = 24,
	STREAMS_LINES = 16, /* connections that are open */
	STREAMS_FDS = STREAMS_WAYS + STREAMS_LINES
};

/* An address that is called. */
struct streams_way {
	struct addr at;
	enum path path;
	int64_t next; /* us: the next call */
	int sent;
	int fd; /* a call under way, -1: none */
};

/* A connection to the other side, or to something at its address. */
struct streams_line {
	struct line l;
	enum path path;
	int hello; /* its H has come */
	int64_t rtt; /* us */
};

struct streams {
	/* Set at the beginning, all else being zeros: */
	struct seat *s;
	const struct seat_how *how;
	const uint8_t *token; /* theirs */
	int initiator;
	int lan; /* found on the LAN */
	int64_t first; /* us: when a direct path was there; 0: not yet */
	struct streams_way way[STREAMS_WAYS];
	struct streams_line line[STREAMS_LINES];
	int ways, lines;
	int again; /* an address has been called more than once */
};

/* Try an address. */
void
streams_add(struct streams *d, const struct addr *at, enum path path);

/* Listen for calls; and, with low, open our own router for the other side's
 * address, with a call that dies before it reaches its router. */
void
streams_open(struct streams *d, int low);

/* The other side is there: calls that came too early are made again. */
void
streams_again(struct streams *d);

/* Call those that are due; full: observed IPv4 addresses, too.  rtt: us to the
 * relay and back. */
void
streams_call(struct streams *d, int full, int64_t rtt);

/* See what has come of calls, theirs and ours, and read what is said.  The
 * connection that the initiator has chosen, or NULL. */
struct streams_line *
streams_read(struct streams *d);

/* The best that may be chosen, or NULL.  rtt: us to the other side and back. */
struct streams_line *
streams_best(struct streams *d, int64_t rtt);

/* Fill in p for poll(2).  How many, at most STREAMS_FDS. */
int
streams_watch(const struct streams *d, struct pollfd *p);

/* Close all that is open. */
void
streams_close(struct streams *d);

#endif
