/* receiver: messages of sound, into what is heard.
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
	int muted, deaf; /* what the last one told */
	uint32_t slot; /* of the last one, */
	uint64_t time; /* and its capture, us since 1970 */
	unsigned told_lost, told_runs; /* how our messages come there */
	unsigned long messages, malformed;
	int64_t clock, wanted_at; /* samples given; us: when, last */
};

/* Begin.  0; -1: no memory. */
int
receiver_open(struct receiver *r);

/* A frame of kind a came at `now` (us).  0; -1: it is malformed, and left out. */
int
receiver_take(struct receiver *r, const struct frame *f, const uint8_t *payload,
    int64_t now);

/* The loudspeaker wants n samples, at most 2 * SLOTS_SAMPLES, at `now` (us).  1: it
 * has stopped before that for a while; else 0. */
int
receiver_give(struct receiver *r, int16_t *out, size_t n, int64_t now);

/* When the sample that is given next was captured, us since 1970 by the other
 * side's clock; 0: not known. */
uint64_t
receiver_captured(const struct receiver *r);

#endif
