/* lossy: messages put together again from frames that come in any order,
 * doubled, or not at all (chat-wire(5), FRAMES).
 * SPDX-License-Identifier: ISC */
#ifndef LOSSY_H
#define LOSSY_H

#include "frame.h"

enum {
	LOSSY_KINDS = 6, /* t j i a b k */
	LOSSY_WINDOW = 1024, /* messages of a kind that may be under way */
	LOSSY_HOLD = 250 /* ms that a whole t or b waits for earlier ones */
};
#define LOSSY_BYTES (FRAME_MESSAGE + (4u << 20)) /* kept of a kind, at most */

struct lossy_count {
	uint64_t whole; /* given out */
	uint64_t incomplete; /* given up, in parts or in all */
	uint64_t late; /* of those, something came afterwards */
};

struct lossy;

/* wanted: the kinds to keep, others are let pass; it stays the caller's.  NULL
 * when there is no memory. */
struct lossy *
lossy_new(const char *wanted);
void
lossy_free(struct lossy *l);

/* A frame, not e, and its payload; now: milliseconds of a clock that goes
 * forward.  0: it is taken, or has no use.  1: room is needed first: call
 * lossy_next until it returns 0 and come again.  -1 and errno: no memory. */
int
lossy_take(struct lossy *l, const struct frame *f, const uint8_t *payload,
    int64_t now);

/* The next whole message.  1: it is in m, its bytes in place until the next
 * call; 0: there is none.  Order is kept within a kind.  j, i, a and k are
 * given out as soon as they are whole, and what was before them is given up; t
 * and b wait for earlier ones, but no longer than LOSSY_HOLD. */
int
lossy_next(struct lossy *l, struct message *m, int64_t now);

/* When lossy_next may have something again though no frame came; INT64_MAX:
 * never. */
int64_t
lossy_due(const struct lossy *l);

/* No more frames will come: nothing is waited for any more. */
void
lossy_end(struct lossy *l);

/* What became of the messages of a kind. */
struct lossy_count
lossy_count(const struct lossy *l, char kind);

#endif
