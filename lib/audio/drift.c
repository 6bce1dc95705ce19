/* drift: how much faster one sound device's clock runs than another's.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "audio/drift.h"

enum { LEAST_PPM = 15, MOST_PPM = 1000, LEAST_POINTS = 100 };

void
drift_anew(struct drift *d)
{
	memset(d, 0, sizeof(*d));
}

/* Samples a microsecond. */
static double
slope(const struct drift_line *l)
{
	double spread = l->n * l->xx - l->x * l->x;

	return spread > 0 ? (l->n * l->xy - l->x * l->y) / spread : 0;
}

static int
differs(double ppm)
{
	return ppm > LEAST_PPM || ppm < -LEAST_PPM;
}

/* Both lines are complete. */
static void
compare(struct drift *d)
{
	double now = (d->rate[1] / d->rate[0] - 1) * 1e6;

	d->rate[0] = d->rate[1] = 0;
	if (now > MOST_PPM || now < -MOST_PPM)
		now = 0; /* not drift: a device has stopped */
	if (differs(now) && differs(d->before) && (now > 0) == (d->before > 0))
		d->ppm = (now + d->before) / 2;
	d->before = now;
}

void
drift_add(struct drift *d, int which, int64_t samples, int64_t time)
{
	struct drift_line *l = &d->line[which];
	double x, y;

	if (l->n == 0)
		l->began = time;
	else
		l->samples += (double)samples;
	x = (double)(time - l->began);
	y = l->samples;
	l->n++;
	l->x += x;
	l->y += y;
	l->xx += x * x;
	l->xy += x * y;
	if (time - l->began < DRIFT_WINDOW)
		return;
	if (l->n >= LEAST_POINTS)
		d->rate[which] = slope(l);
	memset(l, 0, sizeof(*l));
	if (d->rate[0] > 0 && d->rate[1] > 0)
		compare(d);
}

double
drift_ppm(const struct drift *d)
{
	return d->ppm;
}
