/* line: lines out of bytes as they come, at most FRAME_MESSAGE each.
 * SPDX-License-Identifier: ISC */
#ifndef LINE_H
#define LINE_H

#include <stddef.h>
#include <stdint.h>

/* Begin with zeros.  Memory grows with a long line and shrinks after it. */
struct line {
	uint8_t *buf;
	size_t cap;
	size_t start, end; /* what is there and not yet given out */
	size_t seen; /* up to here there is no newline */
};

/* Where the next bytes go, and how many fit there (at least one).  To be
 * called when line_next has returned 0.  What line_next gave out is lost.
 * NULL and errno when there is no memory. */
uint8_t *
line_room(struct line *l, size_t *room);

/* n bytes were put there. */
void
line_add(struct line *l, size_t n);

/* The next line with its newline, in place until line_room is called.
 * 1; 0 if no whole line is there; -1 if it is longer than FRAME_MESSAGE. */
int
line_next(struct line *l, const uint8_t **p, size_t *n);

/* At the end of the input: what is left without a newline.  Its length. */
size_t
line_rest(struct line *l, const uint8_t **p);

#endif
