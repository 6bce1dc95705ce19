/* sender: what is said, into messages of sound.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_SENDER_H
#define AUDIO_SENDER_H

#include "audio/copies.h"
#include "audio/slots.h"
#include "wire/frame.h"

enum {
	SENDER_PIECE = SLOTS_SAMPLES / 2,
	SENDER_KEPT = 8, /* coded slots, for copies */
	SENDER_QUIET = 5 /* slots for each message when there is no sound */
};

struct sender {
	struct OpusEncoder *coder;
	int plain; /* no copies: what reads it loses nothing */
	int silent; /* no sound is sent: muted, or before the answer */
	int muted, deaf; /* what the other side is told */
	uint8_t lost, runs;
	struct copies copies;

	int begun;
	uint32_t slot; /* the one that is being filled */
	uint32_t number; /* of the next message */
	int64_t time, expected; /* us: of its first sample; of the next piece */
	size_t n;
	int16_t pcm[SLOTS_SAMPLES];
	struct {
		uint32_t slot;
		uint16_t n; /* 0: there is none */
		uint8_t data[SLOTS_BYTES];
	} kept[SENDER_KEPT];
};

/* Begin with zeros and a coder, that is the sender's then. */

/* The microphone heard these from `time` on (us).  1: a message is to be written,
 * a frame of *n bytes at out, with that time; 0: not now. */
int
sender_piece(struct sender *s, const int16_t pcm[static SENDER_PIECE],
    int64_t time, uint8_t out[static FRAME_HEAD + SLOTS_PAYLOAD], size_t *n);

/* The same without a microphone: it is to be called every 10 ms. */
int
sender_nothing(struct sender *s, int64_t time,
    uint8_t out[static FRAME_HEAD + SLOTS_PAYLOAD], size_t *n);

/* The frame could not be written: its number is used again, since numbers count
 * what was sent. */
void
sender_dropped(struct sender *s);

#endif
