/* stretch: lengthen or shorten speech a little, keeping its pitch.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "audio/stretch.h"

enum { COARSE = 4 }; /* step of samples and lags in the first search */

/* The squared correlation of x with itself lag later, with its sign. */
static double
likeness_at(const int16_t *x, int lag, int step)
{
	double both = 0, a = 1, b = 1;
	int i;

	for (i = 0; i < STRETCH_FADE; i += step) {
		both += (double)x[i] * x[i + lag];
		a += (double)x[i] * x[i];
		b += (double)x[i + lag] * x[i + lag];
	}
	return both < 0 ? -both * both / (a * b) : both * both / (a * b);
}

/* The best lag from first to last. */
static int
best_lag(const int16_t *x, int first, int last, int step, double *best)
{
	int lag, at = first;
	double is;

	*best = -2;
	for (lag = first; lag <= last; lag += step) {
		is = likeness_at(x, lag, step);
		if (is > *best) {
			*best = is;
			at = lag;
		}
	}
	return at;
}

int
stretch_lag(const int16_t x[static STRETCH_NEED], int most, double *likeness)
{
	int near = best_lag(x, STRETCH_LEAST, most, COARSE, likeness);
	int first = near - COARSE + 1, last = near + COARSE - 1;

	if (first < STRETCH_LEAST)
		first = STRETCH_LEAST;
	if (last > most)
		last = most;
	return best_lag(x, first, last, 1, likeness);
}

/* Fade from the samples at from to those at to, in out. */
static void
blend(int16_t *out, const int16_t *from, const int16_t *to)
{
	int i;

	for (i = 0; i < STRETCH_FADE; i++)
		out[i] = (int16_t)((from[i] * (STRETCH_FADE - i) + to[i] * i) /
		                   STRETCH_FADE);
}

size_t
stretch_shorter(int16_t *x, size_t n, int lag)
{
	size_t cut = (size_t)lag;

	blend(x, x, x + cut);
	memmove(x + STRETCH_FADE, x + STRETCH_FADE + cut,
	    (n - STRETCH_FADE - cut) * sizeof(*x));
	return n - cut;
}

size_t
stretch_longer(int16_t *x, size_t n, int lag)
{
	int16_t faded[STRETCH_FADE];
	size_t add = (size_t)lag;

	/* The first samples, then from what would come next back to them. */
	blend(faded, x + add, x);
	memmove(x + add + STRETCH_FADE, x + STRETCH_FADE,
	    (n - STRETCH_FADE) * sizeof(*x));
	memcpy(x + add, faded, sizeof(faded));
	return n + add;
}
