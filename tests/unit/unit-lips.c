/* unit-lips: which pictures wait for sound, and how long.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "tap.h"
#include "video/lips.h"

enum { MS = 1000, S = 1000000 };

static struct lips l;
static const struct y4m y = {.w = 16, .h = 16};

static void
waits(void)
{
	ok(lips_wait(&l, 30 * MS, S) == 0, "no sound: at once");
	lips_sound(&l, 130 * MS, S);
	ok(lips_wait(&l, 30 * MS, S) == 80 * MS,
	    "until 20 ms before its sound");
	ok(lips_wait(&l, 120 * MS, S) == 0, "one that is late, not");
	ok(lips_wait(&l, -S, S) == 500 * MS, "never more than 500 ms");
	ok(lips_wait(&l, 30 * MS, 2 * S + 1) == 0, "nor for sound that was");
	lips_sound(&l, -S, 3 * S);
	ok(lips_wait(&l, -S - 100 * MS, 3 * S) == 80 * MS,
	    "nor is a clock that is ahead looked at");
}

static void
queue(void)
{
	uint8_t pic[16 * 16 * 3 / 2] = {0};
	const struct lips_picture *p;
	int i, n = 0;

	for (i = 0; i < LIPS_PICTURES; i++) {
		pic[0] = (uint8_t)i;
		n += lips_put(&l, &y, pic, 7, 8, 50 * MS, S + i * MS) == 0;
	}
	ok(n == LIPS_PICTURES && lips_put(&l, &y, pic, 7, 8, 1, S) == -1,
	    "16 pictures, and no more");
	ok(!lips_take(&l, S + 49 * MS), "none is due");
	ok(lips_next(&l, 100, S + 20 * MS) == 30 &&
	        lips_next(&l, 10, S) == 10 && lips_next(&l, 10, 2 * S) == 0,
	    "how long until one is");
	p = lips_take(&l, S + 51 * MS);
	ok(p && p->pic[0] == 0 && p->time == 7 && p->y4m.w == 16,
	    "the first, then");
	p = lips_take(&l, S + 51 * MS);
	ok(p && p->pic[0] == 1 && !lips_take(&l, S + 51 * MS),
	    "the second, and the third not yet");
	lips_free(&l);
}

int
main(void)
{
	waits();
	queue();
	return done();
}
