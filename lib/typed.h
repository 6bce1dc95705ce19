/* typed: the user's lines on their way into frames, never blocking.
 * SPDX-License-Identifier: ISC */
#ifndef TYPED_H
#define TYPED_H

#include "cut.h"
#include "fault.h"
#include "gather.h"

enum typed_state {
	TYPED_OPEN, /* there may be more */
	TYPED_ENDED, /* all was read */
	TYPED_LAST, /* what waits are the last frames, e among them */
	TYPED_DONE /* all is out, or nobody takes it */
};

/* Begin with zeros. */
struct typed {
	enum typed_state state;
	int hangup; /* the end asks the other side to end too */
	struct gather gather;
	struct cut cut;
	uint8_t buf[FRAME_MAX]; /* frames, in one write that cannot block */
	size_t at, n; /* they wait from at up to n */
	uint32_t number;
	uint64_t time; /* when the newest byte was read */
};

/* Put frames into t->buf, as many as there are and fit.  0, or -1 and a fault:
 * a line is too long (X_USE); all before it is out. */
int
typed_fill(struct typed *t, struct fault *f);

/* When fd polls readable and nothing waits: read once.  0, or -1 and a fault. */
int
typed_read(struct typed *t, int fd, struct fault *f);

/* When fd polls writable: write once what waits.  0; 1: nobody takes it; -1 and
 * a fault. */
int
typed_write(struct typed *t, int fd, struct fault *f);

#endif
