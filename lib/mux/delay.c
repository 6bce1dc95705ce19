/* delay: the delay of arriving messages, though the clocks may disagree.
 * SPDX-License-Identifier: ISC */
#include "mux/delay.h"

/* A peer may send any time: limit it, so that nothing overflows. */
static int64_t
transit(uint64_t time, int64_t now)
{
	const uint64_t most = UINT64_C(1) << 61;

	return now - (int64_t)(time < most ? time : most);
}

int64_t
delay_excess(struct delay *a, uint64_t time, int64_t now)
{
	int64_t t = transit(time, now);

	if (a->begun && now > a->when)
		a->least += (now - a->when) / 10000;
	if (!a->begun)
		a->good = now;
	if (!a->begun || t < a->least)
		a->least = t;
	a->begun = 1;
	a->when = now;
	return t - a->least;
}

/* Steps of 1 below 64, then 32 steps in each octave. */
static unsigned
step_of(uint64_t t)
{
	unsigned shift = 0;

	while (t >> shift >= 64)
		shift++;
	if (shift > 34)
		return DELAY_STEPS - 1;
	return (unsigned)(32 * shift + (t >> shift));
}

int
delay_late(struct delay *a, uint64_t time, int64_t now, int64_t limit)
{
	if (delay_excess(a, time, now) <= limit) {
		a->good = now;
		return 0;
	}
	if (now - a->good < DELAY_ANEW)
		return 1;
	a->least = transit(time, now);
	a->good = now;
	return 0;
}

void
delay_count(struct delay *a, uint64_t time, int64_t now)
{
	int64_t t = transit(time, now);

	a->n++;
	a->sum += (double)t;
	a->step[step_of(t < 0 ? 0 : (uint64_t)t)]++;
}

double
delay_mean(const struct delay *a)
{
	return a->n ? a->sum / (double)a->n : 0;
}

int64_t
delay_percentile(const struct delay *a, unsigned percent)
{
	uint64_t want = (a->n * percent + 99) / 100, have = 0;
	unsigned i;

	for (i = 0; i < DELAY_STEPS - 1; i++) {
		have += a->step[i];
		if (have >= want)
			break;
	}
	/* The upper end of the step. */
	return i < 64 ? i : ((int64_t)(i % 32 + 33) << (i / 32 - 1)) - 1;
}
