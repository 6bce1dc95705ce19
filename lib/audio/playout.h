/* playout: coded frames that arrive at any time become sound at the time it is
 * due: a jitter buffer whose delay follows the path.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_PLAYOUT_H
#define AUDIO_PLAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "audio/slots.h"

/* All times are samples of the loudspeaker's clock at 48 kHz, kept by the
 * caller. */
enum {
	PLAYOUT_RING = 512, /* slots that are kept */
	PLAYOUT_PAST = 200, /* slots behind the newest, or */
	PLAYOUT_AHEAD = 400, /* ahead of what plays: others are dropped, */
	PLAYOUT_STRAY = 50, /* and after so many of those it begins anew */
	PLAYOUT_TRANSITS = 500, /* transits that are used */
	PLAYOUT_RECENT = 25,
	PLAYOUT_BASE = 1 << 16, /* added to slots, so that none is negative */
	PLAYOUT_FIFO = 4 * SLOTS_SAMPLES
};

/* Decode n bytes of one slot; p NULL: it is lost, make something up.  0, or -1
 * if the bytes are not a frame. */
typedef int
playout_decode(void *decoder, const uint8_t *p, size_t n,
    int16_t pcm[static SLOTS_SAMPLES]);

struct playout_slot {
	int64_t slot; /* the slot of this entry */
	int seen; /* it arrived, */
	int have; /* and waits to be played: 1 itself, 2 a copy */
	size_t n;
	uint8_t data[SLOTS_BYTES];
};

/* Counts so far. */
struct playout_count {
	unsigned long played, copied, concealed, silent; /* slots */
	unsigned long late, twice, strays; /* frames */
	unsigned long anew; /* times it began anew or jumped */
	unsigned long cut, grown; /* samples */
};

struct playout {
	playout_decode *decode;
	void *decoder;
	int begun;
	int64_t next; /* slot to be decoded next */
	int64_t newest; /* newest slot that arrived */
	int64_t delay; /* slot s is due at s * SLOTS_SAMPLES + delay */
	int64_t target; /* the delay it should have */
	int64_t want; /* samples asked for at a time */

	/* Transit: when a slot could first be decoded, less its own time. */
	int64_t transit[PLAYOUT_TRANSITS]; /* the last ones, in a ring */
	int64_t sorted[PLAYOUT_TRANSITS];
	unsigned n, at;
	int64_t recent[PLAYOUT_RECENT]; /* of frames that are not copies */
	unsigned recent_n;
	unsigned behind; /* of those came TOO_LATE after they were due */
	int64_t came, came_transit; /* the last of those */

	unsigned gap; /* slots concealed in a row */
	unsigned since; /* slots since the last stretch */
	unsigned strays; /* strays in a row */
	double level; /* of the speech, as energy */
	struct playout_count count;
	size_t fifo_n;
	int16_t fifo[PLAYOUT_FIFO];
	struct playout_slot ring[PLAYOUT_RING];
};

void
playout_open(struct playout *p, playout_decode *decode, void *decoder);

/* A coded frame arrived at `now`, in a message of that slot, for the slot
 * `back` before it. */
void
playout_put(struct playout *p, uint32_t slot, unsigned back,
    const uint8_t *data, size_t n, int64_t now);

/* Get the next n samples, at most 2 * SLOTS_SAMPLES; they will be played from
 * `now` on. */
void
playout_get(struct playout *p, int16_t *out, size_t n, int64_t now);

/* The position of the next sample: so many samples before that slot.  0, or -1:
 * nothing has arrived yet. */
int
playout_place(const struct playout *p, uint32_t *slot, int64_t *before);

#endif
