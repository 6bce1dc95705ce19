/* drift: how much faster one sound device's clock runs than another's.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_DRIFT_H
#define AUDIO_DRIFT_H

#include <stdint.h>

enum { DRIFT_WINDOW = 60000000 }; /* us of samples for a line */

/* Sums for a line through (time, samples); begin with zeros. */
struct drift_line {
	int64_t began; /* us */
	double samples; /* since then */
	double n, x, y, xx, xy;
};

struct drift {
	struct drift_line line[2];
	double rate[2]; /* of each, once its line is complete; 0: not yet */
	double before, ppm; /* of the last pair of lines; in use */
};

/* Begin anew, after either stream has stopped. */
void
drift_anew(struct drift *d);

/* Stream 0 or 1 moved that many more samples by that time, us. */
void
drift_add(struct drift *d, int which, int64_t samples, int64_t time);

/* Millionths by which stream 1 is faster than stream 0; 0 until two pairs of
 * lines in a row differ by more than 15 in the same direction. */
double
drift_ppm(const struct drift *d);

#endif
