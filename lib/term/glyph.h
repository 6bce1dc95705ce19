/* glyph: the characters of a line being typed, one place of the cursor after
 * the other, as a terminal shows them.
 * SPDX-License-Identifier: ISC */
#ifndef TERM_GLYPH_H
#define TERM_GLYPH_H

#include <stddef.h>

/* One place: a character and what joins it (combining marks, ZWJ sequences), or
 * one that is shown by other letters: controls, what reorders text, bytes that
 * are not UTF-8 (vis.h), tabs as ^I, and a mark with nothing to join. */
enum {
	GLYPH_MARKS = 8, /* characters that may join the first */
	GLYPH_MAX = 4 * (1 + GLYPH_MARKS) /* bytes */
};

struct glyph {
	char text[GLYPH_MAX]; /* for the screen */
	size_t n; /* bytes of it */
	size_t columns; /* that it takes at most (wcwidth(3)) */
};

/* The glyph at byte p of a line of n > p bytes.  Where the next one begins. */
size_t
glyph_after(const char *line, size_t n, size_t p, struct glyph *g);

/* The one that ends at `at` > 0, or in which `at` is.  Where it begins. */
size_t
glyph_before(const char *line, size_t n, size_t at, struct glyph *g);

#endif
