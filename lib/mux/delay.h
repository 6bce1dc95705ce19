/* delay: how old what arrives is, by clocks that need not agree.
 * SPDX-License-Identifier: ISC */
#ifndef DELAY_H
#define DELAY_H

#include <stdint.h>

/* Counted in steps of 1/32 of themselves, up to 2^40 microseconds. */
enum { DELAY_STEPS = 32 * 36, DELAY_ANEW = 10000000 };

/* Begin with zeros.  All times are microseconds. */
struct delay {
	int begun;
	int64_t least; /* the smallest transit time so far */
	int64_t when; /* of the message before */
	int64_t good; /* when one was not late, or the first came */
	uint64_t n;
	double sum;
	uint32_t step[DELAY_STEPS];
};

/* A message captured at `time` of the sender's clock is here `now`.  How much
 * longer that took than the quickest so far, which is forgotten by a
 * ten-thousandth of the time that goes by: clocks drift, by less. */
int64_t
delay_excess(struct delay *a, uint64_t time, int64_t now);

/* As delay_excess: was it more than limit?  1 or 0.  Where all were late for
 * DELAY_ANEW, a clock was set or the path has changed, and it begins anew. */
int
delay_late(struct delay *a, uint64_t time, int64_t now, int64_t limit);

/* Count it among what was delivered. */
void
delay_count(struct delay *a, uint64_t time, int64_t now);

/* Of what was counted: the mean, and the age that `percent` of all did not
 * exceed (at most 1/32 more; what comes from the future is counted as 0 there). */
double
delay_mean(const struct delay *a);
int64_t
delay_percentile(const struct delay *a, unsigned percent);

#endif
