/* age: how old what arrives is, by clocks that need not agree.
 * SPDX-License-Identifier: ISC */
#ifndef AGE_H
#define AGE_H

#include <stdint.h>

/* Counted in steps of 1/32 of themselves, up to 2^40 microseconds. */
enum { AGE_STEPS = 32 * 36, AGE_ANEW = 10000000 };

/* Begin with zeros.  All times are microseconds. */
struct age {
	int begun;
	int64_t least; /* the smallest transit time so far */
	int64_t when; /* of the message before */
	int64_t good; /* when one was not late, or the first came */
	uint64_t n;
	double sum;
	uint32_t step[AGE_STEPS];
};

/* A message captured at `time` of the sender's clock is here `now`.  How much
 * longer that took than the quickest so far, which is forgotten by a
 * ten-thousandth of the time that goes by: clocks drift, by less. */
int64_t
age_excess(struct age *a, uint64_t time, int64_t now);

/* As age_excess: was it more than limit?  1 or 0.  Where all were late for
 * AGE_ANEW, a clock was set or the path has changed, and it begins anew. */
int
age_late(struct age *a, uint64_t time, int64_t now, int64_t limit);

/* Count it among what was delivered. */
void
age_count(struct age *a, uint64_t time, int64_t now);

/* Of what was counted: the mean, and the age that `percent` of all did not
 * exceed (to 1/32; what comes from the future is counted as 0 there). */
double
age_mean(const struct age *a);
int64_t
age_percentile(const struct age *a, unsigned percent);

#endif
