/* receiver: turn messages of sound into sound.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_RECEIVER_H
#define AUDIO_RECEIVER_H

#include "audio/losses.h"
#include "audio/playout.h"
#include "wire/frame.h"

struct receiver {
	struct playout playout;
	struct losses losses;
	int begun; /* a message has come */
	int muted, deaf; /* reported by the last message */
	uint32_t slot; /* of the last one, */
	uint64_t time; /* and its capture, us since 1970 */
	unsigned told_lost, told_runs; /* how our messages come there */
	unsigned long messages, malformed;
	int64_t clock, wanted_at; /* samples given; us: when, last */
};

/* Begin.  0; -1: no memory. */
int
receiver_open(struct receiver *r);

/* A frame of kind a arrived at `now` (us).  0; -1: malformed, dropped. */
int
receiver_take(struct receiver *r, const struct frame *f, const uint8_t *payload,
    int64_t now);

/* The loudspeaker needs n samples, at most 2 * SLOTS_SAMPLES, at `now` (us). 1
 * if it had paused for a while, else 0. */
int
receiver_give(struct receiver *r, int16_t *out, size_t n, int64_t now);

/* Capture time of the sample that is given next, us since 1970 by the other
 * side's clock; 0: unknown. */
uint64_t
receiver_captured(const struct receiver *r);

#endif
