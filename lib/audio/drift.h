/* drift: how much faster one sound device's clock goes than another's.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_DRIFT_H
#define AUDIO_DRIFT_H

#include <stdint.h>

enum { DRIFT_WINDOW = 60000000 }; /* us that a line is drawn through */

/* A line through (time, samples), as it is summed up; begin with zeros. */
struct drift_line {
	int64_t began; /* us */
	double samples; /* since then */
	double n, x, y, xx, xy;
};

struct drift {
	struct drift_line line[2];
	double rate[2]; /* of each, once its line is whole; 0: not yet */
	double before, ppm; /* of the last pair of lines; what holds */
};

/* Begin anew, as after a stop of either. */
void
drift_anew(struct drift *d);

/* Stream 0 or 1 has moved that many samples more, at that time, us. */
void
drift_add(struct drift *d, int which, int64_t samples, int64_t time);

/* By how many millionths stream 1 is faster than stream 0.  It is 0 until two
 * pairs of lines in a row differ by more than 15, the same way. */
double
drift_ppm(const struct drift *d);

#endif
