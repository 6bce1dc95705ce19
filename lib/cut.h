/* cut: a message cut into frames (chat-wire(5), FRAMES).
 * SPDX-License-Identifier: ISC */
#ifndef CUT_H
#define CUT_H

#include "frame.h"

/* Least payload a piece may be limited to: a whole FRAME_MESSAGE must not need
 * more pieces than 16 bits count. */
#define CUT_LEAST 257

struct cut {
	struct message m;
	size_t most;
	uint32_t piece, pieces;
};

/* Begin with a message of at most FRAME_MESSAGE bytes, which stay the
 * caller's and must stay in place until the last piece is out.  most:
 * bytes of payload in a piece, CUT_LEAST to FRAME_DATA; all pieces but the last
 * have that many. */
void
cut_begin(struct cut *c, const struct message *m, size_t most);

/* Write the next frame to out.  Its length; 0 if cap is too small for it or
 * there is none left.  A cap of FRAME_MAX is never too small. */
size_t
cut_next(struct cut *c, uint8_t *out, size_t cap);

/* How many pieces are still to come.  A struct of zeros has none. */
uint32_t
cut_left(const struct cut *c);

#endif
