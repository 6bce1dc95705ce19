/* unit-nearend: when the canceller of echo, which this stands in for, begins anew.
 * SPDX-License-Identifier: ISC */
#include "audio/nearend.c"
#include "tap.h"

struct echo {
	int any;
};

static struct echo one;
static int opened;
static int16_t heard; /* of the loudspeaker, with the last near piece */

struct echo *
echo_open(int cancel, int noise)
{
	(void)cancel;
	(void)noise;
	opened++;
	return &one;
}

int
echo_near(struct echo *e, const int16_t *far, int16_t *pcm, int delay)
{
	(void)e;
	(void)pcm;
	(void)delay;
	heard = far[0];
	return 0;
}

void
echo_close(struct echo *e)
{
	(void)e;
}

/* Not called where one card has both. */
struct resample *
resample_open(unsigned from, unsigned to)
{
	(void)from;
	(void)to;
	return NULL;
}

void
resample_trim(struct resample *r, double ppm)
{
	(void)r;
	(void)ppm;
}

size_t
resample_run(
    struct resample *r, const int16_t *in, size_t *n, int16_t *out, size_t cap)
{
	(void)r;
	(void)in;
	(void)n;
	(void)out;
	(void)cap;
	return 0;
}

void
resample_close(struct resample *r)
{
	(void)r;
}

static struct nearend n;

static void
begin(void)
{
	(void)nearend_open(&n, 1, 1);
	opened = 0;
	heard = 0;
}

/* So many pieces of the microphone, then as many of the loudspeaker: the last of
 * these is the number `last`. */
static void
pieces(int nears, int fars, int16_t last)
{
	int16_t pcm[NEAREND_PIECE] = {0};
	int64_t time = 1;
	struct fault f;

	for (; nears > 0; nears--)
		(void)nearend_near(&n, pcm, &time, 40000, 0, &f);
	for (; fars > 0; fars--) {
		pcm[0] = (int16_t)(last - fars + 1);
		nearend_far(&n, pcm, NEAREND_PIECE, 0);
	}
}

int
main(void)
{
	int16_t i;

	begin();
	for (i = 1; i <= 100; i++)
		pieces(1, 1, i);
	ok(opened == 1 && heard == 99, "always a little late");

	begin();
	pieces(60, 0, 0);
	for (i = 1; i <= 10; i++)
		pieces(1, 1, i);
	ok(opened == 1 && heard == 9, "old sound before: what is late counts");

	begin();
	pieces(1000, 0, 0);
	ok(opened == 0, "no loudspeaker: it goes on");
	return done();
}
