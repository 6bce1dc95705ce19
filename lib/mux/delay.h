/* delay: the delay of arriving messages, though the clocks may disagree.
 * SPDX-License-Identifier: ISC */
#ifndef DELAY_H
#define DELAY_H

#include <stdint.h>

/* A histogram up to 2^40 microseconds, its steps 1/32 of their value. */
enum { DELAY_STEPS = 32 * 36, DELAY_ANEW = 10000000 };

/* Begin with zeros.  All times are microseconds. */
struct delay {
	int begun;
	int64_t least; /* the smallest transit time, see delay_excess */
	int64_t when; /* the time of the last message */
	int64_t good; /* when a message was in time, or the first one came */
	uint64_t n;
	double sum;
	uint32_t step[DELAY_STEPS];
};

/* A message captured at `time` of the sender's clock arrived `now`: how much
 * longer it travelled than the fastest so far.  That minimum grows by 1/10,000
 * of the time that passes, since clocks drift, by less. */
int64_t
delay_excess(struct delay *a, uint64_t time, int64_t now);

/* Is the delay_excess above limit?  1 or 0.  If all messages were late for
 * DELAY_ANEW, a clock was set or the path changed: the minimum starts anew. */
int
delay_late(struct delay *a, uint64_t time, int64_t now, int64_t limit);

/* Count the message as delivered. */
void
delay_count(struct delay *a, uint64_t time, int64_t now);

/* Of the messages counted: the mean delay, and the one that `percent` of them
 * did not exceed (up to 1/32 too large; negative ones count as 0). */
double
delay_mean(const struct delay *a);
int64_t
delay_percentile(const struct delay *a, unsigned percent);

#endif
