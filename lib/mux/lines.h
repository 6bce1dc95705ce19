/* lines: cut bytes into lines, or take what each read gave.
 * SPDX-License-Identifier: ISC */
#ifndef LINES_H
#define LINES_H

#include <stddef.h>
#include <stdint.h>

/* Begin with zeros.  Memory grows with a long line and shrinks after it. */
struct lines {
	uint8_t *buf;
	size_t cap;
	size_t start, end; /* bytes not yet given out */
	size_t seen; /* no newline before it */
};

/* Where to read to, and how many bytes fit (at least one).  Call it when
 * lines_line has returned 0; what was given out before is lost.  NULL and errno
 * if out of memory. */
uint8_t *
lines_room(struct lines *g, size_t *room);

/* n bytes were read there. */
void
lines_add(struct lines *g, size_t n);

/* The next line, newline included, in place until lines_room is called.  1; 0
 * if none is whole; -1 if it is longer than FRAME_MESSAGE. */
int
lines_line(struct lines *g, const uint8_t **p, size_t *n);

/* All bytes left: a last line without a newline, or what a read gave.  Their
 * length. */
size_t
lines_rest(struct lines *g, const uint8_t **p);

void
lines_free(struct lines *g);

#endif
