/* report: tell people when the path changes.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_REPORT_H
#define LINK_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "link/lane.h"

enum { REPORT_LINE = 400 };

struct report {
	unsigned looks;
	int loss; /* percent reported last; 0: none */
	double coder; /* bit/s, an average */
	double rate; /* the rate reported, or at first */
	int low; /* a low rate was reported */
	int silent, poor;
	int64_t poor_at;
};

/* Is there a change to report (-v)?  1, and the sentence in line; else 0. */
int
report_change(struct report *r, const struct lane_state *s,
    char line[static REPORT_LINE]);

/* Has the path become poor (1), or good again (0)?  -1: neither. */
int
report_poor(struct report *r, const struct lane_state *s, int64_t now);

/* Write the whole state as a line of name=value words.  Its length. */
size_t
report_line(const struct lane_state *s, char line[static REPORT_LINE]);

#endif
