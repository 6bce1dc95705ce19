/* The test picture: its time comes back, from loss and scaling too.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "pictime.h"
#include "tap.h"
#include "video/testpic.h"
#include "wire/y4m.h"

static const uint64_t now = 1763860996017123; /* 2025-11-23 01:23:16.017 */

/* Is the middle of segment s of the n-th character white?  At 1280x720 a unit
 * is 21 pixels, and the clock begins at 83,226. */
static int
lit(const uint8_t *p, unsigned x, unsigned y)
{
	return p[(226 + 21 * y + 10) * 1280 + 83 + 21 * x + 10] == 235;
}

int
main(void)
{
	static const unsigned sides[][2] = {{64, 96}, {65, 97}, {320, 240},
	    {641, 479}, {1280, 720}, {8192, 24}, {4096, 4096}};
	static const unsigned tiny[][2] = {
	    {16, 16}, {17, 19}, {16, 8192}, {8192, 16}};
	struct y4m y = {0};
	uint8_t *p, *q;
	uint64_t time;
	size_t i, k, n;
	unsigned r, c;

	for (i = 0; i < sizeof(sides) / sizeof(*sides); i++) {
		y.w = sides[i][0];
		y.h = sides[i][1];
		n = y4m_bytes(&y);
		p = malloc(n);
		testpic_draw(p, y.w, y.h, now);
		ok(pictime(p, y.w, y.w, y.h, &time) == 0 && time == now,
		    "testpic: %ux%u tells its time", y.w, y.h);
		free(p);
	}
	/* Where there is no room it draws within its bounds: for the
	 * sanitizer. */
	for (i = 0; i < sizeof(tiny) / sizeof(*tiny); i++) {
		y.w = tiny[i][0];
		y.h = tiny[i][1];
		p = malloc(y4m_bytes(&y));
		for (k = 0; k < 50; k++)
			testpic_draw(p, y.w, y.h, now + k * 123457);
		ok(1, "testpic: %ux%u", y.w, y.h);
		free(p);
	}

	y.w = 1280;
	y.h = 720;
	n = y4m_bytes(&y);
	p = malloc(n);
	q = malloc(n);
	testpic_draw(p, y.w, y.h, now);
	/* 01:23: lower left of 0 and 2, not of 1 and 3; upper right of all. */
	ok(lit(p, 0, 5) && !lit(p, 5, 5) && lit(p, 13, 5) && !lit(p, 18, 5) &&
	        lit(p, 3, 2) && lit(p, 8, 2) && lit(p, 16, 2) &&
	        lit(p, 21, 2) && !lit(p, 1, 3) && lit(p, 14, 3),
	    "testpic: the clock is right");

	/* Contrast lost, noise, and half the size. */
	srand(1);
	for (i = 0; i < n; i++)
		q[i] = (uint8_t)(64 + p[i] / 2 + rand() % 40 - 20);
	ok(pictime(q, y.w, y.w, y.h, &time) == 0 && time == now,
	    "testpic: read through noise");
	for (r = 0; r < 360; r++)
		for (c = 0; c < 640; c++)
			q[r * 640 + c] = p[r * 2 * 1280 + c * 2];
	ok(pictime(q, 640, 640, 360, &time) == 0 && time == now,
	    "testpic: read at half the size");
	ok(pictime(p, 1280, 640, 360, &time) == -1,
	    "testpic: a part of it tells none");

	/* A block that turned, any of them; and grey ones. */
	for (i = k = 0; i < 64; i++) {
		memcpy(q, p, n);
		r = 720 * (unsigned)(i / 16 + 20) / 24;
		c = 80 * (unsigned)(i % 16);
		for (; r < 720 * (unsigned)(i / 16 + 21) / 24; r++)
			memset(q + r * 1280 + c,
			    p[r * 1280 + c] > 128 ? 16 : 235, 80);
		k += pictime(q, 1280, 1280, 720, &time) == -1;
	}
	ok(k == 64, "testpic: one wrong block is seen");
	memset(q, 128, n);
	ok(pictime(q, 1280, 1280, 720, &time) == -1,
	    "testpic: grey tells none");
	testpic_draw(q, y.w, y.h, (1ull << 52) - 1);
	ok(pictime(q, 1280, 1280, 720, &time) == 0 && time == (1ull << 52) - 1,
	    "testpic: the last time there is");
	free(p);
	free(q);
	return done();
}
