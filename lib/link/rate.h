/* rate: how fast to send.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_RATE_H
#define LINK_RATE_H

#include "link/flight.h"
#include "link/path.h"

/* A window as TCP's CUBIC has it (RFC 9438), in packets. */
struct rate_cubic {
	double most, k;
	int64_t epoch, cut_at; /* us */
};

struct rate {
	struct path path;
	double now; /* bytes a second, for the pacer */
	double window; /* bytes that may be under way */
	/* Pictures may go so many times faster than what they need, where that
	 * makes no queue: the most in this beat, in which so many packets
	 * arrived. */
	double haste;
	int64_t most_queue;
	uint32_t arrived;
	int competing; /* somebody else keeps the queue full */
	/* Starting: doubling each round trip, up to a queue. */
	int starting, high, full;
	double start_most;
	double full_rate; /* delivered while there was a queue, or 0 */
	/* Decisions, one a beat. */
	int64_t beat_at, forced_at, least_queue, last[3];
	int idle_beat, idle_round; /* we had too little to send in it */
	double growth; /* a beat */
	/* A queue that stays: whose is it? */
	int64_t high_since, peak_at, over_at, peak;
	double share;
	/* Competing. */
	struct rate_cubic cubic;
	double cubic_window; /* bytes */
	int doubling, testing, calm;
	int64_t test_at, test_queue;
	double test_delivered;
	/* Draining our own queue before the least times are learnt anew. */
	int64_t drain_until;
	/* Silence, and what went before it. */
	int silent;
	int64_t fresh_since;
	/* Loss, a window at a time. */
	uint32_t window_lost, window_arrived;
	double losses[8];
	unsigned windows;
};

enum { RATE_PACKET = 1260 }; /* bytes on the wire */

void
rate_init(struct rate *r, int64_t now);

/* An acknowledgement brought news; delivered is the bytes that have arrived in all;
 * media: voice, text or pictures went lately. */
void
rate_news(struct rate *r, const struct flight_news *n, uint64_t delivered,
    int media, int64_t now);

/* The other side is silent. */
void
rate_silence(struct rate *r);

/* The rate for everything, bytes a second, windows counted in. */
double
rate_usable(const struct rate *r);

#endif
