/* copies: the older frames that a message carries besides its own.
 * SPDX-License-Identifier: ISC */
#include "audio/copies.h"

enum {
	LOOK = 1000000, /* us between checks of the other side's report */
	CALM = 10000000, /* us without losses until there are fewer copies */
	MANY = 4 /* of 128 messages lost */
};

void
copies_report(struct copies *c, unsigned lost, unsigned runs, int64_t now)
{
	enum copies_level want = COPIES_ONE;

	if (c->looked && now < c->looked + LOOK)
		return;
	c->looked = now;
	/* Bursts: runs of 1.7 lost messages and more. */
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
