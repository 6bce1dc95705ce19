/* hall: the rooms of a relay, and those that wait in them.
 * SPDX-License-Identifier: ISC */
#ifndef HALL_H
#define HALL_H

#include "meet/meet.h"

/* A client that may wait: a part of its owner, which sets the last two. */
struct hall_one {
	struct hall_one *next; /* in its slot */
	const struct meet_join *join; /* where, and as what */
	void *owner;
};

struct hall;

/* Room for so many that wait.  NULL: no memory. */
struct hall *
hall_new(int most, const uint64_t key[static 2]);

void
hall_enter(struct hall *h, struct hall_one *one);
void
hall_leave(struct hall *h, struct hall_one *one);

/* Why this JOIN cannot enter: the letter of X, and *there is NULL.  NULL: it
 * can, and *there is the one that it meets, or NULL if it has to wait. */
const char *
hall_hindrance(
    const struct hall *h, const struct meet_join *j, struct hall_one **there);

/* Does anybody wait in that room, of any kind?  1 or 0. */
int
hall_taken(const struct hall *h, const uint8_t room[static MEET_ROOM]);

/* How many wait. */
int
hall_count(const struct hall *h);

#endif
