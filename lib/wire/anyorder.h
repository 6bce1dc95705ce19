/* anyorder: messages put together again from frames that come in any order,
 * doubled, or not at all (chat-wire(5), FRAMES).
 * SPDX-License-Identifier: ISC */
#ifndef ANYORDER_H
#define ANYORDER_H

#include "wire/frame.h"

enum {
	ANYORDER_KINDS = 6, /* t j i a b k */
	ANYORDER_WINDOW = 1024, /* messages of a kind that may be under way */
	ANYORDER_HOLD = 250 /* ms that a whole t or b waits for earlier ones */
};
#define ANYORDER_BYTES                                                         \
	(FRAME_MESSAGE + (4u << 20)) /* kept of a kind, at most */

struct anyorder_count {
	uint64_t whole; /* given out */
	uint64_t incomplete; /* given up, in parts or in all */
	uint64_t late; /* of those, something came afterwards */
};

struct anyorder;

/* wanted: the kinds to keep, others are let pass; it stays the caller's.  NULL
 * when there is no memory. */
struct anyorder *
anyorder_new(const char *wanted);
void
anyorder_free(struct anyorder *l);

/* A frame, not e, and its payload; now: milliseconds of a clock that goes
 * forward.  0: it is taken, or has no use.  1: room is needed first: call
 * anyorder_next until it returns 0 and come again.  -1 and errno: no memory. */
int
anyorder_take(struct anyorder *l, const struct frame *f, const uint8_t *payload,
    int64_t now);

/* The next whole message.  1: it is in m, its bytes in place until the next
 * call; 0: there is none.  Order is kept within a kind.  j, i, a and k are
 * given out as soon as they are whole, and what was before them is given up; t
 * and b wait for earlier ones, but no longer than ANYORDER_HOLD. */
int
anyorder_next(struct anyorder *l, struct message *m, int64_t now);

/* When anyorder_next may have something again though no frame came; INT64_MAX:
 * never. */
int64_t
anyorder_due(const struct anyorder *l);

/* No more frames will come: nothing is waited for any more. */
void
anyorder_end(struct anyorder *l);

/* What became of the messages of a kind. */
struct anyorder_count
anyorder_count(const struct anyorder *l, char kind);

#endif
