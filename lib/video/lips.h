/* lips: delay pictures until their sound is heard.
 * SPDX-License-Identifier: ISC */
#ifndef LIPS_H
#define LIPS_H

#include <stddef.h>
#include <stdint.h>

#include "wire/y4m.h"

/* All times are us. */
enum {
	LIPS_PICTURES = 16,
	LIPS_BEFORE = 20000, /* most that a picture may be ahead of its sound */
	LIPS_LONGEST = 500000, /* most that a picture waits */
	LIPS_STALE = 1000000 /* after this the sound's age is unknown */
};

struct lips_picture {
	struct y4m y4m;
	uint64_t time; /* of capture */
	uint64_t seen; /* when its first byte came */
	int64_t due; /* by the clock of lips_put's now */
	uint8_t *pic;
	size_t room;
};

/* Begin with zeros. */
struct lips {
	int64_t age; /* of the sound being heard, */
	int64_t told; /* and when age was set; 0: never */
	struct lips_picture p[LIPS_PICTURES];
	unsigned first, n;
};

/* Set how long ago the sound being heard was captured. */
void
lips_sound(struct lips *l, int64_t age, int64_t now);

/* How long a picture of that age must wait: 0 if it is not ahead of the sound,
 * or there is none. */
int64_t
lips_wait(const struct lips *l, int64_t age, int64_t now);

/* Keep a copy of a picture for that long.  0; -1: no memory, or too many
 * wait. */
int
lips_put(struct lips *l, const struct y4m *y, const uint8_t *pic, uint64_t time,
    uint64_t seen, int64_t wait, int64_t now);

/* The next picture that is due, valid until the next lips_put; NULL: none. */
const struct lips_picture *
lips_take(struct lips *l, int64_t now);

/* ms until the next one is due, at most `ms`. */
int
lips_next(const struct lips *l, int ms, int64_t now);

void
lips_free(struct lips *l);

#endif
