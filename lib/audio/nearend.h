/* nearend: the microphone's sound, without the loudspeaker's in it.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_NEAREND_H
#define AUDIO_NEAREND_H

#include <stddef.h>
#include <stdint.h>

#include "audio/drift.h"
#include "audio/echo.h"
#include "base/fault.h"

enum {
	NEAREND_PIECE = ECHO_SAMPLES, /* 10 ms */
	NEAREND_HOLD = 2, /* most pieces that are held back */
	NEAREND_FAR = 4800 /* samples that wait */
};

struct nearend {
	int cancel, noise; /* as asked for */
	struct echo *echo; /* NULL: neither */
	int flows; /* the microphone has begun */
	size_t far_n;
	int16_t far[NEAREND_FAR]; /* loudspeaker samples, not yet used */
	size_t debt; /* made-up samples: as many will be dropped */
	unsigned hold; /* pieces */
	unsigned starved, looked; /* far pieces missing in a row; pieces, */
	int64_t latency; /* and their latencies of both devices, summed, us */
	struct {
		int64_t time;
		int16_t pcm[NEAREND_PIECE];
	} held[NEAREND_HOLD];
	struct resample *trim; /* two cards: the far end at the other's clock */
	struct drift drift;
	double ppm;
};

/* 1 if this build has a canceller, else 0. */
int
nearend_can(void);

/* Begin with zeros and what is asked for; two_cards: microphone and loudspeaker
 * have separate clocks.  0; -1: no memory. */
int
nearend_open(struct nearend *n, int cancel, int noise);

/* The microphone starts, or a device has stopped for a while: forget what was
 * learned of the echo. */
void
nearend_anew(struct nearend *n);

/* Whether microphone and loudspeaker are on two cards. */
void
nearend_cards(struct nearend *n, int two);

/* Samples given to the loudspeaker, at most NEAREND_FAR, and when, us. */
void
nearend_far(struct nearend *n, const int16_t *pcm, size_t samples, int64_t now);

/* Samples of the microphone, from *time on; latency is both devices', us.  1:
 * cleaned in place, or replaced by an older one; 0: held back; -1: a fault. */
int
nearend_near(struct nearend *n, int16_t pcm[static NEAREND_PIECE],
    int64_t *time, int64_t latency, int64_t now, struct fault *f);

#endif
