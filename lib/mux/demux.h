/* demux: frames on stdin, each kind's messages to its descriptor.
 * SPDX-License-Identifier: ISC */
#ifndef DEMUX_H
#define DEMUX_H

#include "base/fault.h"
#include "mux/delay.h"
#include "mux/render.h"
#include "wire/frame.h"

enum {
	DEMUX_ASK = 300, /* ms between two wishes for a key picture */
	DEMUX_KINDS = 6
};

/* The kinds it has outputs for: t j i a b k. */
extern const char demux_kinds[DEMUX_KINDS + 1];

struct demux_how {
	int lossy;
	int64_t
	    late; /* drop j, i and a older than these microseconds; 0: none */
	int out[DEMUX_KINDS]; /* descriptors; -1: none */
	int ask; /* k frames go here; -1: nowhere */
	struct render_how show;
};

/* On a path that loses, t and b are looked at even where they have no output. */
struct demux_report {
	struct {
		uint64_t whole; /* messages put together */
		uint64_t incomplete; /* given up, lost in parts or in all */
		uint64_t late; /* of them: came after that; and too old ones */
		uint64_t withheld; /* what no decoder could use */
		struct delay age; /* of what was written */
	} kind[DEMUX_KINDS];
	int broke_off; /* the fault is that there was no end */
};

/* Until the frames' end.  0; 1 and a fault where t or b has an output, and of
 * them messages are missing; -1 and any other fault.  The report is filled in in
 * any case. */
int
demux_run(
    const struct demux_how *how, struct demux_report *report, struct fault *f);

#endif
