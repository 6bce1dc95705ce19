/* editor: the line a person is typing, kept whole on one row of a terminal.
 * SPDX-License-Identifier: ISC */
#ifndef TERM_EDITOR_H
#define TERM_EDITOR_H

#include "term/keys.h"
#include "term/past.h"

/* Bytes of keys go in, bytes for the screen come out: no descriptor, no clock.
 * The row, the last of the screen, begins with `> `, or `< ` if its beginning
 * is scrolled away; what is shown above it is given to editor_above.  A
 * terminal that disagrees about a character's width cannot disturb the row: it
 * stores the cursor's place itself (DECSC), and does not wrap what is too long
 * (DECAWM). */

enum {
	EDITOR_COLUMNS = 1000, /* more are not used */
	EDITOR_ABOVE = 8192, /* most bytes of one editor_above */
	EDITOR_OUT = 65536 /* the same, and a row of 1000 glyphs */
};

/* Begin with zeros, then editor_begin.  All fields are private. */
struct editor {
	unsigned columns;
	size_t most; /* bytes of a line, newline included */
	char *line; /* the line being typed */
	size_t n, cap;
	size_t at; /* the cursor is before this byte */
	size_t left; /* the row begins at this byte */
	char *draft; /* the line typed before one was recalled */
	size_t draft_n;
	struct past past;
	struct keys keys;
	int ended;
	int on, drawn, dirty;
	int wipe; /* clear the screen before drawing */
	/* The terminal's last report about its focus. */
	enum { EDITOR_UNTOLD, EDITOR_HERE, EDITOR_AWAY } focus;
	int titled; /* its title is ours */
	int inside; /* the text above does not end with a newline yet */
	char out[EDITOR_OUT];
	size_t out_at, out_n; /* waiting bytes are from out_at up to out_n */
};

/* Set the window's width, and the longest message. */
void
editor_begin(struct editor *e, unsigned columns, size_t most);

void
editor_free(struct editor *e);

/* Draw from now on, the cursor being at the beginning of an empty row.  Asks
 * the terminal to mark pastes (DECSET 2004), to report its focus (1004) and to
 * save its title (XTWINOPS 22). */
void
editor_enter(struct editor *e);

/* Stop drawing.  An unfinished line stays on the screen; the old title is
 * restored. */
void
editor_leave(struct editor *e);

/* n bytes came from the terminal at that time.  0, or -1 and errno. */
int
editor_keys(struct editor *e, const char *p, size_t n, uint64_t time);

/* 1 if keys must not be read now: too many lines wait for a reader. */
int
editor_full(const struct editor *e);

/* 1 if ^D was typed on an empty line; later keys are ignored. */
int
editor_ended(const struct editor *e);

/* As past_next. */
const struct past_line *
editor_next(struct editor *e, enum past_reader who);

/* Show n > 0 bytes of harmless text above the row; at most EDITOR_ABOVE may
 * wait to be written, these included.  The row is drawn again after a
 * newline. */
void
editor_above(struct editor *e, const char *p, size_t n);

/* NAME has written: ring if bell is set, unless the terminal said that it has
 * the focus; if it said that it has not, its title is `NAME wrote` until it
 * does. name is harmless. */
void
editor_call(struct editor *e, const char *name, int bell);

/* The width may have changed, or another program may have written to the
 * terminal: the row must be drawn again. */
void
editor_resize(struct editor *e, unsigned columns);

/* Draw the row if it has changed.  Call it when nothing waits to be written or
 * to be shown above. */
void
editor_draw(struct editor *e);

/* The bytes that wait to be written to the terminal; NULL: none. */
const char *
editor_out(const struct editor *e, size_t *n);

/* n of those bytes were written. */
void
editor_wrote(struct editor *e, size_t n);

#endif
