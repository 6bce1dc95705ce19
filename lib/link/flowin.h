/* flowin: a stream of frames, whose bytes arrive in any order and more than
 * once.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_FLOWIN_H
#define LINK_FLOWIN_H

#include "link/ring.h"
#include "link/spans.h"
#include "wire/frame.h"

struct flowin {
	struct ring ring;
	uint64_t window; /* bytes accepted beyond taken */
	uint64_t taken; /* by the programs */
	uint64_t told; /* the limit told to the other side */
	uint64_t seen; /* headers before it were checked */
	int over; /* the last of those was e */
	struct spans came;
};

void
flowin_init(struct flowin *f, uint64_t window);

/* The n bytes at that offset arrived.  Bytes beyond the limit are dropped.  0; -1:
 * more holes than an honest sender makes; -2: no memory. */
int
flowin_take(struct flowin *f, uint64_t at, const uint8_t *p, size_t n);

/* Check the next header that is complete: 1; 0: none; -1: malformed. */
int
flowin_look(struct flowin *f, struct frame *out);

/* If the next frame is e, copy it to out: 1; else 0. */
int
flowin_end(const struct flowin *f, uint8_t out[static FRAME_HEAD]);

/* Copy the next frame, if it is complete, to out, FRAME_MAX bytes: its length,
 * or 0.  flowin_next removes it. */
size_t
flowin_frame(const struct flowin *f, uint8_t *out);
void
flowin_next(struct flowin *f, size_t n);

/* Should a new limit be told to the other side?  And that limit. */
int
flowin_news(const struct flowin *f);
uint64_t
flowin_tell(struct flowin *f);

void
flowin_free(struct flowin *f);

#endif
