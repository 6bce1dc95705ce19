/* flowin: a stream of frames as it comes in, in any order and more than once.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_FLOWIN_H
#define LINK_FLOWIN_H

#include "link/ring.h"
#include "link/spans.h"
#include "wire/frame.h"

struct flowin {
	struct ring ring;
	uint64_t window; /* bytes that are held beyond taken */
	uint64_t taken; /* by the programs */
	uint64_t told; /* the limit that the other side knows */
	uint64_t seen; /* headers before it have been looked at */
	int over; /* the last of them was e */
	struct spans came;
};

void
flowin_init(struct flowin *f, uint64_t window);

enum flowin_took { FLOWIN_MEMORY = -1, FLOWIN_TAKEN, FLOWIN_ABSURD };

/* The n bytes at that offset came.  What is beyond the limit is dropped.
 * FLOWIN_ABSURD: there are more holes than an honest sender makes. */
enum flowin_took
flowin_take(struct flowin *f, uint64_t at, const uint8_t *p, size_t n);

/* Look at the next header that is there in order and was not looked at: 1; 0:
 * there is none; -1: it is malformed. */
int
flowin_look(struct flowin *f, struct frame *out);

/* Is e the next one?  Then it is at out, and 1 is returned; else 0. */
int
flowin_end(const struct flowin *f, uint8_t out[static FRAME_HEAD]);

/* Copy the next frame, if all of it is there, to out, FRAME_MAX bytes: its
 * length, or 0.  It stays until flowin_next. */
size_t
flowin_frame(const struct flowin *f, uint8_t *out);
void
flowin_next(struct flowin *f, size_t n);

/* Should the other side hear of a new limit?  And what it is then told. */
int
flowin_news(const struct flowin *f);
uint64_t
flowin_tell(struct flowin *f);

void
flowin_free(struct flowin *f);

#endif
