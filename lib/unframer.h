/* unframer: frames on stdin, each kind's messages to its descriptor.
 * SPDX-License-Identifier: ISC */
#ifndef UNFRAMER_H
#define UNFRAMER_H

#include "age.h"
#include "fault.h"
#include "frame.h"
#include "show.h"

enum {
	UNFRAMER_ASK = 300, /* ms between two wishes for a key picture */
	UNFRAMER_KINDS = 6
};

/* The kinds it has outputs for: t j i a b k. */
extern const char unframer_kinds[UNFRAMER_KINDS + 1];

struct unframer_how {
	int lossy;
	int64_t
	    late; /* drop j, i and a older than these microseconds; 0: none */
	int out[UNFRAMER_KINDS]; /* descriptors; -1: none */
	int ask; /* k frames go here; -1: nowhere */
	struct show_how show;
};

struct unframer_report {
	struct {
		uint64_t whole; /* messages put together */
		uint64_t incomplete; /* given up, lost in parts or in all */
		uint64_t late; /* of them: came after that; and too old ones */
		uint64_t withheld; /* what no decoder could use */
		struct age age; /* of what was written */
	} kind[UNFRAMER_KINDS];
};

/* Until the frames' end.  0, or -1 and a fault; the report is filled in either
 * way. */
int
unframer_run(const struct unframer_how *how, struct unframer_report *report,
    struct fault *f);

#endif
