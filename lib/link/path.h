/* path: what the acknowledgements tell of the path: its time, its queue, and how
 * much it delivers.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_PATH_H
#define LINK_PATH_H

#include <stdint.h>

enum { PATH_HISTORY = 64, PATH_TRAINS = 7 };

/* Times in us, rates in bytes a second. */
struct path {
	unsigned long samples;
	int64_t rtt, var; /* smoothed (RFC 6298) */
	int64_t least; /* round trip, lately */
	int64_t queue; /* by the newest sample */
	int64_t jitter; /* about the longest that the path itself delays */
	double delivered; /* over the last round */
	double most; /* of that, lately */
	double fresh; /* over a few packets */
	/* The leasts of this while and of the one before. */
	int64_t leasts[2], oneways[2], while_since;
	int64_t oneway; /* the last, without its wrap */
	int64_t sent, arrival; /* of the newest; by the receiver's clock */
	int64_t round_arrival;
	uint64_t round_bytes;
	struct path_point {
		int64_t sent, at;
		uint64_t bytes;
	} history[PATH_HISTORY];
	unsigned newest; /* in it */
	/* Packets sent at once: where the last train begins, and the rates at
	 * which the last ones arrived, the path's own. */
	struct path_point train;
	double spread[PATH_TRAINS];
	unsigned trains; /* so many have */
};

void
path_init(struct path *p, int64_t now);

/* A packet that went at sent_at took rtt there and back, oneway there (by clocks
 * that do not agree, mod 2^32).  Ours explain own us more of queue than at the
 * last.  The least times are those of one or two times keep. */
void
path_sample(struct path *p, int64_t sent_at, int64_t rtt, uint32_t oneway,
    int64_t own, int64_t keep, int64_t now);

/* So many bytes have arrived in all; round: a round trip is over.  The fresh rate
 * is that of about eight packets at this rate. */
void
path_delivered(struct path *p, uint64_t bytes, int round, double rate);

/* Learn the least times anew, or the fresh rate. */
void
path_forget_least(struct path *p);
void
path_forget_rate(struct path *p);

/* us without news after which to ask; and how soon acknowledgements are wanted,
 * in BLOCK_WISH. */
int64_t
path_patience(const struct path *p);
uint8_t
path_wish(const struct path *p);

#endif
