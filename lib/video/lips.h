/* lips: pictures that wait for the sound that belongs to them.
 * SPDX-License-Identifier: ISC */
#ifndef LIPS_H
#define LIPS_H

#include <stddef.h>
#include <stdint.h>

#include "wire/y4m.h"

/* All times are us. */
enum {
	LIPS_PICTURES = 16,
	LIPS_BEFORE = 20000, /* a picture may be so much before its sound */
	LIPS_LONGEST = 500000, /* that one waits */
	LIPS_STALE = 1000000 /* after so long the sound's age is not known */
};

struct lips_picture {
	struct y4m y4m;
	uint64_t time; /* of capture */
	uint64_t seen; /* when it began to come */
	int64_t due; /* by the clock of lips_put's now */
	uint8_t *pic;
	size_t room;
};

/* Begin with zeros. */
struct lips {
	int64_t age; /* of what is heard, */
	int64_t told; /* and when that was told; 0: never */
	struct lips_picture p[LIPS_PICTURES];
	unsigned first, n;
};

/* What is heard now was captured so long ago. */
void
lips_sound(struct lips *l, int64_t age, int64_t now);

/* How long a picture of that age is to wait: 0 where there is no sound, or it is
 * not before that. */
int64_t
lips_wait(const struct lips *l, int64_t age, int64_t now);

/* Keep a picture, a copy of it, that is to wait so long.  0; -1: no memory, or
 * as many wait as there may. */
int
lips_put(struct lips *l, const struct y4m *y, const uint8_t *pic, uint64_t time,
    uint64_t seen, int64_t wait, int64_t now);

/* The next picture that is due, valid until the next lips_put; NULL: there is
 * none. */
const struct lips_picture *
lips_take(struct lips *l, int64_t now);

/* ms until the next one is due, at most ms. */
int
lips_next(const struct lips *l, int ms, int64_t now);

void
lips_free(struct lips *l);

#endif
