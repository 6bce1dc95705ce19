/* laneout: what goes in a lane, by its rank, as fast as the path takes it.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_LANEOUT_H
#define LINK_LANEOUT_H

#include "link/flight.h"
#include "link/flowout.h"
#include "link/lanein.h"
#include "link/picout.h"
#include "link/rate.h"

enum { LANE_MEDIA = 3000000 }; /* us without pictures until they are over */

struct laneout {
	struct lanein *in; /* of which the other side is told */
	struct flight flight;
	struct rate rate;
	struct flowout flow[BLOCK_STREAMS];
	struct picout pic[LANE_PICTURES];
	struct voice_queue voice;
	int64_t next_send; /* us, by the pacer */
	double held; /* us of pace that a train has not waited for */
	int64_t picture_at; /* a picture was */
	int probe; /* the next packet is one */
	int ended, broken;
	unsigned long sent, resent;
};

/* Neither may be moved afterwards.  0, or -1: no memory. */
int
laneout_init(struct laneout *l, struct lanein *in, int64_t now);
void
laneout_free(struct laneout *l);

/* The other side reports what arrived, and its limits. */
void
laneout_acked(struct laneout *l, const struct block_ack *a, int64_t now);
void
laneout_limit(struct laneout *l, const uint64_t limit[static BLOCK_STREAMS]);

/* As lane_give and lane_next_time. */
size_t
laneout_give(struct laneout *l, uint8_t *out, int64_t now);
int64_t
laneout_next_time(struct laneout *l, int64_t now);

/* A picture coder's share of the rate, bytes a second. */
double
laneout_coder(const struct laneout *l);

/* 1 if a frame of that kind is accepted now; none is after e. */
int
laneout_room(const struct laneout *l, uint8_t kind);

/* Take a frame from a program.  0; -1 and a fault: malformed (X_PEER). */
int
laneout_put(struct laneout *l, const struct frame *f, const uint8_t *payload,
    int64_t now, struct fault *bad);

/* Have our e, and all before it, arrived? */
int
laneout_done(const struct laneout *l);

#endif
