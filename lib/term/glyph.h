/* glyph: the characters of a line being typed, as a terminal shows them, one
 * cursor position each.
 * SPDX-License-Identifier: ISC */
#ifndef TERM_GLYPH_H
#define TERM_GLYPH_H

#include <stddef.h>

/* A character with those that join it (combining marks, ZWJ sequences), or one
 * that is shown by other letters: a control, what reorders text, a byte that is
 * not UTF-8 (vis.h), a tab as ^I, a mark with no base character. */
enum {
	GLYPH_MARKS = 8, /* most characters that join the first */
	GLYPH_MAX = 4 * (1 + GLYPH_MARKS) /* bytes */
};

struct glyph {
	char text[GLYPH_MAX]; /* for the screen */
	size_t n; /* of text, in bytes */
	size_t columns; /* the most it takes on the screen (wcwidth(3)) */
};

/* Read the glyph at byte p of a line of n > p bytes.  Where the next begins. */
size_t
glyph_after(const char *line, size_t n, size_t p, struct glyph *g);

/* Read the glyph that ends at `at` > 0, or has it inside.  Where it begins. */
size_t
glyph_before(const char *line, size_t n, size_t at, struct glyph *g);

#endif
