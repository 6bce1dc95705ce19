/* lines: messages out of bytes as they come: lines, or whatever one read gave.
 * SPDX-License-Identifier: ISC */
#ifndef LINES_H
#define LINES_H

#include <stddef.h>
#include <stdint.h>

/* Begin with zeros.  Memory grows with a long line and shrinks after it. */
struct lines {
	uint8_t *buf;
	size_t cap;
	size_t start, end; /* what is there and not yet given out */
	size_t seen; /* up to here there is no newline */
};

/* Where the next bytes go, and how many fit there (at least one).  To be
 * called when lines_line has returned 0.  What was given out is lost.
 * NULL and errno when there is no memory. */
uint8_t *
lines_room(struct lines *g, size_t *room);

/* n bytes were put there. */
void
lines_add(struct lines *g, size_t n);

/* The next line with its newline, in place until lines_room is called.
 * 1; 0 if no whole line is there; -1 if it is longer than FRAME_MESSAGE. */
int
lines_line(struct lines *g, const uint8_t **p, size_t *n);

/* All that is there: the last line without a newline, or what a read gave.
 * Its length. */
size_t
lines_rest(struct lines *g, const uint8_t **p);

void
lines_free(struct lines *g);

#endif
