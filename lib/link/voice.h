/* voice: messages of sound, each sent once and given out once, or not at all.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_VOICE_H
#define LINK_VOICE_H

#include "link/block.h"
#include "wire/frame.h"

enum {
	VOICE_BYTES = FRAME_DGRAM - BLOCK_PREFIX - BLOCK_VOICE,
	VOICE_KEPT = 8, /* messages, each way */
	VOICE_STALE = 200000, /* us */
	VOICE_SEEN = 1024 /* numbers that are known to have come */
};

struct voice_message {
	uint32_t number;
	uint64_t time;
	int64_t born; /* us */
	uint16_t n;
	uint8_t data[VOICE_BYTES];
};

struct voice_queue {
	struct voice_message m[VOICE_KEPT];
	unsigned long first, end;
};

/* What came. */
struct voice {
	struct voice_queue in;
	int begun;
	uint32_t top; /* number after the highest that came */
	uint8_t seen[VOICE_SEEN / 8];
};

/* A frame from the program.  It is dropped if it is in pieces or too long; where
 * too many wait, the oldest. */
void
voice_put(struct voice_queue *out, const struct frame *f,
    const uint8_t *payload, int64_t now);

/* Is there a message to send? */
int
voice_waits(struct voice_queue *out, int64_t now);

/* Write the next message with its block's head, if room is enough: how many
 * bytes. */
size_t
voice_give(struct voice_queue *q, uint8_t *out, size_t room, int64_t now);

/* A message came. */
void
voice_take(struct voice *v, const struct block_voice *b, const uint8_t *data,
    size_t n, int64_t now);

/* The next frame for the program, at most FRAME_MAX bytes at out, or 0. */
size_t
voice_frame(struct voice *v, uint8_t *out, int64_t now);

#endif
