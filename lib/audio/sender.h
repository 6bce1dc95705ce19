/* sender: turn the microphone's sound into messages.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_SENDER_H
#define AUDIO_SENDER_H

#include "audio/copies.h"
#include "audio/slots.h"
#include "wire/frame.h"

enum {
	SENDER_PIECE = SLOTS_SAMPLES / 2,
	SENDER_KEPT = 8, /* coded slots, for copies */
	SENDER_QUIET = 5 /* slots a message while no sound is sent */
};

struct sender {
	struct OpusEncoder *coder;
	int plain; /* no copies: the reader gets every message */
	int silent; /* send no sound: muted, or not answered yet */
	int muted, deaf; /* to be reported to the other side */
	uint8_t lost, runs;
	struct copies copies;

	int begun;
	uint32_t slot; /* the slot being filled */
	uint32_t number; /* of the next message */
	int64_t time, expected; /* us: of its first sample; of the next piece */
	size_t n;
	int16_t pcm[SLOTS_SAMPLES];
	struct {
		uint32_t slot;
		uint16_t n; /* 0: none */
		uint8_t data[SLOTS_BYTES];
	} kept[SENDER_KEPT];
};

/* Set the coder, which the sender then owns; the rest is zero. */

/* Samples from the microphone, from `time` on (us).  1: write a message, a
 * frame of *n bytes at out, with that time; 0: not now. */
int
sender_piece(struct sender *s, const int16_t pcm[static SENDER_PIECE],
    int64_t time, uint8_t out[static FRAME_HEAD + SLOTS_PAYLOAD], size_t *n);

/* As above without a microphone: call it every 10 ms. */
int
sender_nothing(struct sender *s, int64_t time,
    uint8_t out[static FRAME_HEAD + SLOTS_PAYLOAD], size_t *n);

/* The frame could not be written: use its number again, since numbers count
 * messages sent. */
void
sender_dropped(struct sender *s);

#endif
