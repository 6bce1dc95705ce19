/* demux: frames from stdin, the messages of each kind to its descriptor.
 * SPDX-License-Identifier: ISC */
#ifndef DEMUX_H
#define DEMUX_H

#include "base/fault.h"
#include "mux/delay.h"
#include "mux/render.h"
#include "wire/frame.h"

enum {
	DEMUX_ASK = 300, /* ms between two requests for a key picture */
	DEMUX_KINDS = 6
};

/* The kinds that can have an output: t j i a b k. */
extern const char demux_kinds[DEMUX_KINDS + 1];

struct demux_how {
	int lossy;
	int64_t
	    late; /* drop j, i and a older than these microseconds; 0: none */
	int out[DEMUX_KINDS]; /* descriptors; -1: none */
	int ask; /* where k frames are written; -1: nowhere */
	struct render_how show;
};

/* Counts.  On a path with loss, t and b are counted even without an output. */
struct demux_report {
	struct {
		uint64_t whole; /* messages reassembled */
		uint64_t incomplete; /* given up: not all pieces came */
		uint64_t late; /* of them: came after that; and too old ones */
		uint64_t withheld; /* useless to a decoder */
		struct delay age; /* of what was written */
	} kind[DEMUX_KINDS];
	int broke_off; /* the fault is that there was no end */
};

/* Run until the frames' end.  0; 1 and a fault if t or b has an output and such
 * messages are missing; -1 and any other fault.  The report is always filled
 * in. */
int
demux_run(
    const struct demux_how *how, struct demux_report *report, struct fault *f);

#endif
