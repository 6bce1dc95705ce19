/* nearend: what the microphone heard, without what the loudspeaker gave it.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_NEAREND_H
#define AUDIO_NEAREND_H

#include <stddef.h>
#include <stdint.h>

#include "audio/drift.h"
#include "audio/echo.h"

enum {
	NEAREND_PIECE = ECHO_SAMPLES, /* 10 ms */
	NEAREND_HOLD = 2, /* pieces that are held back, at most */
	NEAREND_FAR = 4800 /* samples that wait */
};

struct nearend {
	int cancel, noise; /* what is wanted */
	struct echo *echo; /* NULL: none of both */
	int flows; /* the microphone has begun */
	size_t far_n;
	int16_t far[NEAREND_FAR]; /* given to the loudspeaker, not yet used */
	size_t debt; /* samples that were made up: as many are dropped */
	unsigned hold; /* pieces */
	unsigned looked; /* pieces since it began anew */
	int64_t latency; /* us, of both devices, their sum since then */
	struct {
		int64_t time;
		int16_t pcm[NEAREND_PIECE];
	} held[NEAREND_HOLD];
	struct resample *trim; /* two cards: the far end at the other's clock */
	struct drift drift;
	double ppm;
};

/* Is there a canceller in this build?  1 or 0. */
int
nearend_can(void);

/* Begin with zeros, and what is wanted; two_cards: microphone and loudspeaker
 * have clocks of their own.  0; -1: no memory. */
int
nearend_open(struct nearend *n, int cancel, int noise);

/* The microphone begins, or one of both devices has stopped for a while: what is
 * known of their echo is no longer true. */
void
nearend_anew(struct nearend *n);

/* Microphone and loudspeaker are of two cards, or not. */
void
nearend_cards(struct nearend *n, int two);

/* What is given to the loudspeaker, at most NEAREND_FAR samples, and when, us. */
void
nearend_far(struct nearend *n, const int16_t *pcm, size_t samples, int64_t now);

/* What the microphone heard from *time on; latency is that of both devices, us.
 * Made better in place, or an older piece in its stead: 1; 0: there is none, it
 * is held back. */
int
nearend_near(struct nearend *n, int16_t pcm[static NEAREND_PIECE],
    int64_t *time, int64_t latency, int64_t now);

#endif
