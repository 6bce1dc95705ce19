/* rate: how fast to send, from what the path shows.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_RATE_H
#define LINK_RATE_H

#include "link/flight.h"
#include "link/path.h"

/* TCP CUBIC's window (RFC 9438), in packets. */
struct rate_cubic {
	double most, k;
	int64_t epoch, cut_at; /* us */
};

struct rate {
	struct path path;
	double now; /* bytes a second, for the pacer */
	double window; /* bytes that may be in flight */
	/* A factor by which pictures may be sent faster than needed without a
	 * queue: the largest in this beat, and the packets that arrived in
	 * it. */
	double haste;
	int64_t most_queue;
	uint32_t arrived;
	int competing; /* another flow keeps the queue full */
	/* The start: doubling each round trip, until there is a queue. */
	int starting, high, full;
	double start_most;
	double full_rate; /* delivered while there was a queue, or 0 */
	double near; /* the path's, by trains: grow slowly up to it; or 0 */
	/* Decisions, one each beat. */
	int64_t beat_at, forced_at, least_queue, last[3];
	int idle_beat, idle_round; /* too little to send in it */
	double growth; /* a beat */
	double usual; /* least queue of a beat, as far as jitter explains it */
	double before; /* now, as it was before we yielded */
	/* A lasting queue: is it ours? */
	int64_t high_since, peak_at, over_at, peak;
	double share;
	/* Competing. */
	struct rate_cubic cubic;
	double cubic_window; /* bytes */
	int doubling, testing, calm;
	int64_t test_at, test_queue;
	double test_delivered;
	/* Drain our own queue, to measure the least times anew. */
	int64_t drain_until;
	/* A silence, and the state before it. */
	int silent;
	int64_t fresh_since;
	/* Losses, for each window. */
	uint32_t window_lost, window_arrived;
	double losses[8];
	unsigned windows;
};

enum { RATE_PACKET = 1260 }; /* bytes on the wire */

void
rate_init(struct rate *r, int64_t now);

/* An acknowledgement came; delivered: bytes arrived in all; file: one is sent, at
 * the start in trains. */
void
rate_news(struct rate *r, const struct flight_news *n, uint64_t delivered,
    int file, int64_t now);

/* The other side is silent. */
void
rate_silence(struct rate *r);

/* The rate for everything, bytes a second, limited by the window. */
double
rate_usable(const struct rate *r);

#endif
