/* ages: how old pictures were, by median and percentile.
 * SPDX-License-Identifier: ISC */
#ifndef AGES_H
#define AGES_H

#include <stdint.h>

enum {
	AGES_MAX = 100000, /* 10 s in the tenths of a ms that are counted */
	AGES_NONE = 36000000 /* an hour: what is older has no age */
};

/* Begin with zeros. */
struct ages {
	unsigned long n, count[AGES_MAX];
};

/* One that was captured at `time`, microseconds since 1970, is shown at `now`.
 * Time 0, and what is older than an hour, does not count.  What is not born
 * yet is 0 old, what is over 10 s is 10 s old. */
void
ages_add(struct ages *a, uint64_t time, int64_t now);

/* The age, in ms, that this share, 0 to 1, of them did not exceed.  0 when
 * there are none. */
double
ages_at(const struct ages *a, double share);

#endif
