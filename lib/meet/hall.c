/* hall: the rooms of a relay, and those that wait in them.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "meet/hall.h"
#include "meet/mix.h"

enum { SLOTS = 1 << 15 };

struct hall {
	struct hall_one *slot[SLOTS];
	uint64_t key[2];
	int most, n;
};

struct hall *
hall_new(int most, const uint64_t key[static 2])
{
	struct hall *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->most = most;
	memcpy(h->key, key, sizeof(h->key));
	return h;
}

static size_t
slot(const struct hall *h, char kind, const uint8_t room[static MEET_ROOM])
{
	uint8_t key[1 + MEET_ROOM];

	key[0] = (uint8_t)kind;
	memcpy(key + 1, room, MEET_ROOM);
	return mix(h->key, key, sizeof(key)) % SLOTS;
}

void
hall_enter(struct hall *h, struct hall_one *one)
{
	struct hall_one **at =
	    &h->slot[slot(h, one->join->kind, one->join->room)];

	one->next = *at;
	*at = one;
	h->n++;
}

void
hall_leave(struct hall *h, struct hall_one *one)
{
	struct hall_one **at =
	    &h->slot[slot(h, one->join->kind, one->join->room)];

	while (*at != one)
		at = &(*at)->next;
	*at = one->next;
	h->n--;
}

/* The client that waits in that room in one of those roles, or NULL. */
static struct hall_one *
find(const struct hall *h, char kind, const uint8_t room[static MEET_ROOM],
    const char *roles)
{
	struct hall_one *one = h->slot[slot(h, kind, room)];

	for (; one; one = one->next)
		if (one->join->kind == kind && strchr(roles, one->join->what) &&
		    memcmp(one->join->room, room, MEET_ROOM) == 0)
			return one;
	return NULL;
}

const char *
hall_hindrance(
    const struct hall *h, const struct meet_join *j, struct hall_one **there)
{
	static const char role[] = "lcab", other[] = "clba";
	char own[2] = {j->what, 0};
	char want[2] = {other[strchr(role, j->what) - role], 0};
	char turned = j->kind == 't' ? 'u' : 't';

	*there = find(h, j->kind, j->room, want);
	if (*there)
		return NULL;
	if (find(h, j->kind, j->room, own))
		return "f";
	if (j->what != 'l' && find(h, turned, j->room, want))
		return "k";
	return h->n >= h->most ? "b" : NULL;
}

int
hall_taken(const struct hall *h, const uint8_t room[static MEET_ROOM])
{
	return find(h, 't', room, "lcab") || find(h, 'u', room, "lcab");
}

int
hall_count(const struct hall *h)
{
	return h->n;
}
