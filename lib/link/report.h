/* report: what people are told of the path, when it changes.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_REPORT_H
#define LINK_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "link/lane.h"

enum { REPORT_LINE = 400 };

struct report {
	unsigned looks;
	int loss; /* percent that was told last; 0: none was */
	double coder; /* bit/s, an average */
	double rate; /* of that, what was told, or was there */
	int low; /* it was told that the rate is down */
	int silent, poor;
	int64_t poor_at;
};

/* A sentence about what has changed since the last one, for -v: 1, and it is in
 * line; else 0. */
int
report_change(struct report *r, const struct lane_state *s,
    char line[static REPORT_LINE]);

/* Has the path become poor (1), or good again (0)?  -1: neither. */
int
report_poor(struct report *r, const struct lane_state *s, int64_t now);

/* All there is to tell, as one line of words name=value: its length. */
size_t
report_line(const struct lane_state *s, char line[static REPORT_LINE]);

#endif
