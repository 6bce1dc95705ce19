/* slots: the payload of a message of sound (chat-wire(5), SOUND).
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_SLOTS_H
#define AUDIO_SLOTS_H

#include <stddef.h>
#include <stdint.h>

enum {
	SLOTS_SAMPLES = 960, /* a slot is 20 ms at 48 kHz */
	SLOTS_US = 20000,
	SLOTS_PAYLOAD = 1164, /* a packet of chat-link has 20 before it */
	SLOTS_HEAD = 8,
	SLOTS_CODED = 4, /* most coded frames in a message */
	SLOTS_CODED_HEAD = 3,
	SLOTS_BACK = 32, /* how old a copy may be, in slots */
	SLOTS_BYTES = 1275 /* most of one coded frame: Opus's own limit */
};

/* A coded frame: of which slot, and where its n bytes are. */
struct slots_coded {
	uint8_t back; /* slots before the message's own; 0 is the first */
	uint16_t n;
	const uint8_t *data;
};

struct slots {
	uint32_t slot; /* of the newest frame; counts time, wraps */
	int muted; /* whoever sends this has the microphone off, */
	int deaf; /* or no loudspeaker */
	uint8_t lost; /* of the 128 messages before the newest that came, */
	uint8_t runs; /* and in how many runs */
	unsigned n;
	struct slots_coded coded[SLOTS_CODED];
};

/* Write s, leaving out coded frames from the first that has no room.  How many
 * bytes. */
size_t
slots_put(uint8_t out[static SLOTS_PAYLOAD], const struct slots *s);

/* Read n bytes; the coded frames stay there.  0, or -1 if they break a rule. */
int
slots_get(struct slots *s, const uint8_t *p, size_t n);

#endif
