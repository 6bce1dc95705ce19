/* editor: the line a person is typing, kept whole on one row of a terminal.
 * SPDX-License-Identifier: ISC */
#ifndef TERM_EDITOR_H
#define TERM_EDITOR_H

#include "term/keys.h"
#include "term/past.h"

/* Bytes of keys go in, bytes for the screen come out: no descriptor, no clock.
 * The row begins with `> `, or `< ` where its beginning is scrolled away.  It is
 * the last row of the screen; what is shown above it is given to editor_above.
 * A terminal that takes a character for wider or narrower than we do cannot
 * disturb the row: it keeps the cursor's place itself (DECSC), and what does
 * not fit is not wrapped (DECAWM). */

enum {
	EDITOR_COLUMNS = 1000, /* of a wider window no more are used */
	EDITOR_ABOVE = 8192, /* most bytes of one editor_above */
	EDITOR_OUT = 65536 /* that, and a row of 1000 glyphs */
};

/* Begin with zeros, then editor_begin.  All is the editor's own. */
struct editor {
	unsigned columns;
	size_t most; /* bytes of a line, with its newline */
	char *line; /* what is being typed */
	size_t n, cap;
	size_t at; /* the cursor is before this byte */
	size_t left; /* the row begins with this byte */
	char *draft; /* what was being typed before a line was recalled */
	size_t draft_n;
	struct past past;
	struct keys keys;
	int ended;
	int on, drawn, dirty;
	int wipe; /* clear the whole screen first */
	/* Has the terminal the focus?  It has not said so yet. */
	enum { EDITOR_UNTOLD, EDITOR_HERE, EDITOR_AWAY } focus;
	int titled; /* its title is ours */
	int inside; /* what is above has no newline yet */
	char out[EDITOR_OUT];
	size_t out_at, out_n; /* what waits is from out_at up to out_n */
};

/* The window's width, and the longest message. */
void
editor_begin(struct editor *e, unsigned columns, size_t most);

void
editor_free(struct editor *e);

/* Draw from now on: the cursor stands at the beginning of an empty row.  Pastes
 * are to be marked (DECSET 2004), and changes of focus told (1004); the title is
 * kept (XTWINOPS 22). */
void
editor_enter(struct editor *e);

/* Draw no more.  A line that is half typed stays on the screen; the title is what
 * it was. */
void
editor_leave(struct editor *e);

/* n bytes from the terminal, which came at that time.  0, or -1 and errno. */
int
editor_keys(struct editor *e, const char *p, size_t n, uint64_t time);

/* Read no keys now: too many lines wait for a reader. */
int
editor_full(const struct editor *e);

/* Was ^D typed on an empty line?  Keys after it are ignored. */
int
editor_ended(const struct editor *e);

/* past_next. */
const struct past_line *
editor_next(struct editor *e, enum past_reader who);

/* Show n > 0 bytes of harmless text above the row, when with them at most
 * EDITOR_ABOVE wait to be written.  Until a newline ends it, the row is not
 * drawn. */
void
editor_above(struct editor *e, const char *p, size_t n);

/* NAME has written: ring, if bell is set and the terminal has not said that it has
 * the focus; where it has said that it has not, its title is `NAME wrote` until it
 * has it again.  name is harmless. */
void
editor_call(struct editor *e, const char *name, int bell);

/* The window's width may have changed, or somebody else has written to the
 * terminal: the row is to be drawn anew. */
void
editor_resize(struct editor *e, unsigned columns);

/* Draw the row if it has changed.  To be called when nothing waits to be
 * written and there is no more to show above. */
void
editor_draw(struct editor *e);

/* What waits to be written to the terminal; NULL: nothing. */
const char *
editor_out(const struct editor *e, size_t *n);

/* n bytes of it were written. */
void
editor_wrote(struct editor *e, size_t n);

#endif
