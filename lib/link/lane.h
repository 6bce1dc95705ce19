/* lane: ranked streams over one path that loses: voice, then text, then pictures,
 * then files.  Bytes and the time in, bytes out.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_LANE_H
#define LINK_LANE_H

#include "base/fault.h"
#include "wire/frame.h"

enum {
	LANE_PACKET =
	    FRAME_HEAD + FRAME_DGRAM, /* most bytes of a link packet */
	LANE_QUIET = 300000 /* us after the last packet that asked something */
};

/* A set of frame kinds. */
#define LANE_KIND(k) (1u << ((k) - 'a'))
#define LANE_TEXT                                                              \
	(LANE_KIND(FRAME_TEXT) | LANE_KIND(FRAME_DELIVERED) |                  \
	    LANE_KIND(FRAME_KEYPLEASE))
#define LANE_ALL                                                               \
	(LANE_TEXT | LANE_KIND(FRAME_AUDIO) | LANE_KIND(FRAME_IVF) |           \
	    LANE_KIND(FRAME_JPEG) | LANE_KIND(FRAME_BYTES))

struct lane_state {
	int64_t rtt, least_rtt, queue; /* us */
	double loss; /* 0 to 1 */
	double rate, coder; /* bytes a second: for all; for a picture coder */
	int pictures; /* some were put in lately */
	int sharing; /* somebody else keeps the queue full */
	int64_t
	    quiet; /* us since anything was acknowledged, if that is awaited */
	unsigned long sent, resent, for_nothing, lost, repair, recovered,
	    given_up;
	size_t memory; /* bytes of the streams' buffers */
};

struct lane;

/* The times of all functions are microseconds of one clock, any epoch.  NULL if
 * there is no memory. */
struct lane *
lane_new(int64_t now);
void
lane_free(struct lane *l);

/* The network's side. */

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

/* The programs' side. */

/* Would a frame of that kind be taken now?  After e none is. */
int
lane_room(const struct lane *l, uint8_t kind);

/* A frame from a program.  0; -1 and a fault: it breaks a rule (X_PEER). */
int
lane_put(struct lane *l, const struct frame *f, const uint8_t *payload,
    int64_t now, struct fault *bad);

/* The next frame of one of those kinds, at most FRAME_MAX bytes at out: its
 * length, 0 if there is none.  e is never among them. */
size_t
lane_get(struct lane *l, unsigned kinds, uint8_t *out, int64_t now);

/* These kinds have no reader: take and drop them. */
void
lane_ignore(struct lane *l, unsigned kinds);

/* The other side's e, once all before it has been got: 1, and it is at out,
 * FRAME_HEAD bytes; else 0. */
int
lane_end(const struct lane *l, uint8_t out[static FRAME_HEAD]);

/* Has all of the other side's, its e too, come, got or not? */
int
lane_whole(const struct lane *l);

/* Has our e, and all before it, arrived? */
int
lane_done(const struct lane *l);

/* When the last packet came that asked to be acknowledged. */
int64_t
lane_asked_at(const struct lane *l);

struct lane_state
lane_state(const struct lane *l, int64_t now);

#endif
