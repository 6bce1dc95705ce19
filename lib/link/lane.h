/* lane: ranked streams over one path that loses: voice, then text, then pictures,
 * then files.  Bytes and the time in, bytes out.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_LANE_H
#define LINK_LANE_H

#include "link/lanein.h"
#include "link/laneout.h"

struct lane_state {
	int64_t rtt, queue; /* us */
	double loss; /* 0 to 1 */
	double rate, coder; /* bytes a second: for all; for a picture coder */
	int pictures; /* some were put in lately */
	int sharing; /* somebody else keeps the queue full */
	int64_t quiet; /* us since an acknowledgement that is awaited */
	unsigned long sent, resent, for_nothing, recovered, given_up;
	size_t memory; /* bytes of the streams' buffers */
};

/* The programs' side is in (lanein_get) and out (laneout_put). */
struct lane {
	struct lanein in;
	struct laneout out;
	int broken;
};

/* The times of all functions are microseconds of one clock, any epoch.  NULL if
 * there is no memory. */
struct lane *
lane_new(int64_t now);
void
lane_free(struct lane *l);

/* A frame of kind l came.  0; -1 and a fault: what is in it breaks a rule that an
 * authentic peer keeps (X_PEER), or there is no memory (X_SYS). */
int
lane_take(struct lane *l, const struct frame *f, const uint8_t *payload,
    int64_t now, struct fault *bad);

/* The next packet that may go now, at most LANE_PACKET bytes at out: its length,
 * 0 if there is none.  No memory: lane_broken. */
size_t
lane_give(struct lane *l, uint8_t *out, int64_t now);

/* When lane_give may have one though nothing came; INT64_MAX: never. */
int64_t
lane_next_time(struct lane *l, int64_t now);

/* Did memory run out?  Then nothing can be relied on any more. */
int
lane_broken(const struct lane *l);

struct lane_state
lane_state(const struct lane *l, int64_t now);

#endif
