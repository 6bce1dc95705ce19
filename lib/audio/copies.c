/* copies: which older frames a message carries beside its own.
 * SPDX-License-Identifier: ISC */
#include "audio/copies.h"

enum {
	LOOK = 1000000, /* us between two looks at what the other side tells */
	CALM = 10000000, /* us without cause until there are fewer copies */
	MANY = 4 /* of 128 messages lost */
};

void
copies_report(struct copies *c, unsigned lost, unsigned runs, int64_t now)
{
	enum copies_level want = COPIES_ONE;

	if (c->looked && now < c->looked + LOOK)
		return;
	c->looked = now;
	/* Bursts: 1.7 in a run, and more. */
	if (lost >= MANY)
		want = 10 * lost >= 17 * runs ? COPIES_SPREAD : COPIES_TWO;
	if (want >= c->level || now >= c->cause + CALM) {
		c->level = want;
		c->cause = now;
	}
}

unsigned
copies_back(const struct copies *c, uint8_t back[static COPIES_MOST])
{
	back[0] = c->level == COPIES_SPREAD ? 2 : 1;
	back[1] = c->level == COPIES_SPREAD ? 5 : 2;
	return c->level == COPIES_ONE ? 1 : 2;
}
