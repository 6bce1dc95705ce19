/* anyorder: messages reassembled from frames that may be reordered, doubled or
 * lost (chat-wire(5), FRAMES).
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
	(FRAME_MESSAGE + (4u << 20)) /* most bytes kept of a kind */

struct anyorder_count {
	uint64_t whole; /* given out */
	uint64_t incomplete; /* given up: not all pieces came */
	uint64_t late; /* of those, a piece came after all */
};

struct anyorder;

/* wanted: the kinds to keep, in the caller's memory; others are ignored.  NULL:
 * no memory. */
struct anyorder *
anyorder_new(const char *wanted);
void
anyorder_free(struct anyorder *l);

/* A frame other than e, and its payload; now is clock_ms().  0: kept or
 * ignored. 1: there must be room first: call anyorder_next until it returns 0,
 * then repeat. -1 and errno: no memory. */
int
anyorder_take(struct anyorder *l, const struct frame *f, const uint8_t *payload,
    int64_t now);

/* The next whole message.  1: it is in m, its bytes in place until the next
 * call; 0: none.  Each kind is in order.  A whole j, i, a or k is given out at
 * once, and those before it are given up; t and b wait for earlier ones, at
 * most ANYORDER_HOLD. */
int
anyorder_next(struct anyorder *l, struct message *m, int64_t now);

/* When to call anyorder_next even if no frame comes; INT64_MAX: never. */
int64_t
anyorder_due(const struct anyorder *l);

/* No more frames will come: wait for none. */
void
anyorder_end(struct anyorder *l);

/* The counts of a kind. */
struct anyorder_count
anyorder_count(const struct anyorder *l, char kind);

#endif
