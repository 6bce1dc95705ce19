/* slots: the payload of a message of sound (chat-wire(5), SOUND).
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_SLOTS_H
#define AUDIO_SLOTS_H

#include <stddef.h>
#include <stdint.h>

enum {
	SLOTS_SAMPLES = 960, /* a slot is 20 ms at 48 kHz */
	SLOTS_US = 20000,
	SLOTS_PAYLOAD = 1164, /* chat-link adds 20 bytes before it */
	SLOTS_HEAD = 8,
	SLOTS_CODED = 4, /* most coded frames in a message */
	SLOTS_CODED_HEAD = 3,
	SLOTS_BACK = 32, /* how old a copy may be, in slots */
	SLOTS_BYTES = 1275 /* most of one coded frame: Opus's own limit */
};

/* A coded frame: its slot, and its n bytes. */
struct slots_coded {
	uint8_t back; /* slots before the message's own; 0 is the first */
	uint16_t n;
	const uint8_t *data;
};

struct slots {
	uint32_t slot; /* of the newest frame; counts time, wraps */
	int muted; /* the sender's microphone is off, */
	int deaf; /* or no loudspeaker */
	uint8_t lost; /* of the 128 messages before the newest that came, */
	uint8_t runs; /* and in how many runs */
	unsigned n;
	struct slots_coded coded[SLOTS_CODED];
};

/* Write s; coded frames are left out from the first that does not fit.  Its
 * bytes. */
size_t
slots_put(uint8_t out[static SLOTS_PAYLOAD], const struct slots *s);

/* Read n bytes; the coded frames stay in them.  0, or -1 if malformed. */
int
slots_get(struct slots *s, const uint8_t *p, size_t n);

#endif
