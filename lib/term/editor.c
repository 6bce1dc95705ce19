/* editor: the line a person is typing, kept whole on one row of a terminal.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/vis.h"
#include "term/editor.h"
#include "term/glyph.h"

enum {
	PROMPT = 2, /* columns */
	SHRINK = 65536 /* bytes; more are given back when the line has ended */
};

static const char clear[] = "\r\033[J";

static void
put(struct editor *e, const char *p, size_t n)
{
	if (n > sizeof(e->out) - e->out_n)
		n = sizeof(e->out) - e->out_n;
	memcpy(e->out + e->out_n, p, n);
	e->out_n += n;
}

static void
put_text(struct editor *e, const char *text)
{
	put(e, text, strlen(text));
}

static size_t
after(const struct editor *e, size_t p, struct glyph *g)
{
	return glyph_after(e->line, e->n, p, g);
}

static size_t
before(const struct editor *e, size_t at, struct glyph *g)
{
	return glyph_before(e->line, e->n, at, g);
}

/* Choose where the row begins, so that it shows the cursor and some of the text
 * before it. */
static void
scroll(struct editor *e, size_t room)
{
	size_t p, used = 0, keep;
	struct glyph g;

	if (e->left > 0 && e->left < e->n) /* an edit may have moved it */
		e->left = before(e, e->left + 1, &g);
	for (p = e->left; p < e->at && used <= room; used += g.columns)
		p = after(e, p, &g);
	if (used <= room && (e->left < e->at || e->left == 0))
		return;
	keep = used > room ? room - room / 3 : room / 3;
	for (e->left = e->at, used = 0; e->left > 0; e->left = p) {
		p = before(e, e->left, &g);
		used += g.columns;
		if (used > keep)
			break;
	}
}

static void
draw(struct editor *e)
{
	size_t room = e->columns > PROMPT + 1 ? e->columns - PROMPT - 1 : 1;
	size_t p, next, used = 0;
	struct glyph g;

	scroll(e, room);
	put_text(e, e->wipe ? "\033[H\033[2J" : clear);
	e->wipe = 0;
	put_text(e, e->left > 0 ? "\033[?7l< " : "\033[?7l> ");
	for (p = e->left; p < e->n; p = next) {
		next = after(e, p, &g);
		used += g.columns;
		if (used > room)
			break;
		if (p == e->at)
			put_text(e, "\0337");
		put(e, g.text, g.n);
	}
	if (p <= e->at)
		put_text(e, "\0337");
	put_text(e, "\0338\033[?7h");
}

/* An insertion or deletion may have joined characters at the cursor. */
static void
settle(struct editor *e)
{
	struct glyph g;

	if (e->at > 0 && e->at < e->n)
		e->at = after(e, before(e, e->at, &g), &g);
	if (e->left > e->at)
		e->left = e->at;
}

/* Set the line's bytes, with the cursor at its end.  0 or -1. */
static int
set(struct editor *e, const char *p, size_t n)
{
	char *line;

	if (n > e->cap || e->cap > SHRINK) {
		line = malloc(n + 80);
		if (!line)
			return -1;
		free(e->line);
		e->line = line;
		e->cap = n + 80;
	}
	if (n > 0)
		memcpy(e->line, p, n);
	e->n = e->at = n;
	e->left = 0;
	return 0;
}

static void
forget_draft(struct editor *e)
{
	free(e->draft);
	e->draft = NULL;
	e->draft_n = 0;
}

/* Make the finished line a message.  0 or -1. */
static int
finish(struct editor *e, const char *newline, uint64_t time)
{
	forget_draft(e);
	return past_add(&e->past, e->line, e->n, newline, time) == -1 ||
	               set(e, NULL, 0) == -1
	           ? -1
	           : 0;
}

/* Insert n bytes before the cursor, which must fit.  0 or -1. */
static int
put_in(struct editor *e, const char *p, size_t n)
{
	if (n == 0)
		return 0;
	if (e->n + n > e->cap &&
	    buf_grow(&e->line, &e->cap, 2 * (e->n + n) + 80) == -1)
		return -1;
	memmove(e->line + e->at + n, e->line + e->at, e->n - e->at);
	memcpy(e->line + e->at, p, n);
	e->n += n;
	e->at += n;
	return 0;
}

/* Insert n bytes.  A line that would get too long is ended, and the next one
 * goes on.  0 or -1. */
static int
insert(struct editor *e, const char *p, size_t n, uint64_t time)
{
	size_t room;

	while (n > (room = e->most - 1 - e->n)) {
		room = vis_edge(p, room);
		if (put_in(e, p, room) == -1 || finish(e, "", time) == -1)
			return -1;
		p += room;
		n -= room;
	}
	if (put_in(e, p, n) == -1)
		return -1;
	settle(e);
	return 0;
}

static void
cut(struct editor *e, size_t from, size_t to)
{
	if (to <= from)
		return;
	memmove(e->line + from, e->line + to, e->n - to);
	e->n -= to - from;
	e->at = from;
	settle(e);
}

/* Go back over blanks, then over other characters. */
static size_t
word(const struct editor *e)
{
	size_t p = e->at;
	int blank;

	for (blank = 1; blank >= 0; blank--)
		while (p > 0 && (e->line[p - 1] == ' ' ||
		                    e->line[p - 1] == '\t') == blank)
			p--;
	return p;
}

/* Show an older or newer line of the history; beyond the newest, the line that
 * was typed before.  0 or -1. */
static int
recall(struct editor *e, int older)
{
	int had = e->past.recalled != NULL, bad;
	const char *text;
	size_t n;

	text = past_recall(&e->past, older, &n);
	if (!text && (older || !had))
		return 0;
	if (!had && e->n > 0) {
		e->draft = malloc(e->n);
		if (!e->draft)
			return -1;
		memcpy(e->draft, e->line, e->n);
		e->draft_n = e->n;
	}
	if (text)
		return set(e, text, n);
	bad = set(e, e->draft, e->draft_n);
	forget_draft(e);
	return bad;
}

static void
focus(struct editor *e, int here)
{
	e->focus = here ? EDITOR_HERE : EDITOR_AWAY;
	if (here && e->titled)
		put_text(e, "\033[23;2t\033[22;2t");
	e->titled = e->titled && !here;
}

/* Do what a key says (keys.h).  0 or -1. */
static int
act(struct editor *e, char letter, uint64_t time)
{
	size_t back, forth;
	struct glyph g;

	back = e->at > 0 ? before(e, e->at, &g) : 0;
	forth = e->at < e->n ? after(e, e->at, &g) : e->n;
	switch (letter) {
	case 'A':
		e->at = 0;
		break;
	case 'B':
		e->at = back;
		break;
	case 'D':
		e->ended = e->n == 0;
		cut(e, e->at, forth);
		break;
	case 'E':
		e->at = e->n;
		break;
	case 'F':
		e->at = forth;
		break;
	case 'H':
	case '?':
		cut(e, back, e->at);
		break;
	case 'K':
		cut(e, e->at, e->n);
		break;
	case 'L':
		e->wipe = 1;
		break;
	case 'M':
		return finish(e, "\n", time);
	case 'N':
	case 'P':
		return recall(e, letter == 'P');
	case 'U':
		cut(e, 0, e->at);
		break;
	case 'W':
		cut(e, word(e), e->at);
		break;
	case KEYS_DELETE:
		cut(e, e->at, forth);
		break;
	case KEYS_HERE:
	case KEYS_AWAY:
		focus(e, letter == KEYS_HERE);
		break;
	}
	return 0;
}

int
editor_keys(struct editor *e, const char *p, size_t n, uint64_t time)
{
	struct key key;
	size_t used;
	int bad = 0;

	for (; n > 0 && !bad && !e->ended; p += used, n -= used) {
		used = keys_next(&e->keys, p, n, &key);
		bad = key.n > 0 ? insert(e, key.text, key.n, time)
		                : act(e, key.letter, time);
	}
	e->dirty = 1;
	return bad;
}

int
editor_full(const struct editor *e)
{
	return past_full(&e->past);
}

int
editor_ended(const struct editor *e)
{
	return e->ended;
}

const struct past_line *
editor_next(struct editor *e, enum past_reader who)
{
	return past_next(&e->past, who);
}

void
editor_begin(struct editor *e, unsigned columns, size_t most)
{
	e->most = most;
	editor_resize(e, columns);
}

void
editor_free(struct editor *e)
{
	past_free(&e->past);
	free(e->line);
	free(e->draft);
}

void
editor_enter(struct editor *e)
{
	put_text(e, "\033[?2004h\033[?1004h\033[22;2t");
	e->on = e->dirty = 1;
	e->focus = EDITOR_UNTOLD;
	e->titled = 0;
}

void
editor_leave(struct editor *e)
{
	if (!e->on)
		return;
	/* Another program may have overwritten the row. */
	if (e->n > 0 && !e->inside)
		draw(e);
	if (e->drawn || e->n > 0)
		put_text(e, e->n > 0 ? "\r\n" : clear);
	/* Again, as ^C and ^Z discard what is on its way to the screen. */
	put_text(e, "\033[?7h\033[?2004l\033[?1004l\033[23;2t");
	e->on = e->drawn = 0;
}

void
editor_call(struct editor *e, const char *name, int bell)
{
	if (!e->on)
		return;
	if (bell && e->focus != EDITOR_HERE)
		put_text(e, "\a");
	if (e->focus != EDITOR_AWAY || e->titled)
		return;
	put_text(e, "\033]2;");
	put_text(e, name);
	put_text(e, " wrote\a");
	e->titled = 1;
}

void
editor_resize(struct editor *e, unsigned columns)
{
	columns = columns > EDITOR_COLUMNS ? EDITOR_COLUMNS : columns;
	if (columns != e->columns)
		e->left = 0; /* more may fit */
	e->columns = columns;
	e->dirty = 1;
}

void
editor_above(struct editor *e, const char *p, size_t n)
{
	if (e->drawn)
		put_text(e, clear);
	e->drawn = 0;
	e->dirty = 1;
	put(e, p, n);
	e->inside = p[n - 1] != '\n';
}

void
editor_draw(struct editor *e)
{
	if (!e->on || !e->dirty || e->inside)
		return;
	draw(e);
	e->drawn = 1;
	e->dirty = 0;
}

const char *
editor_out(const struct editor *e, size_t *n)
{
	*n = e->out_n - e->out_at;
	return *n > 0 ? e->out + e->out_at : NULL;
}

void
editor_wrote(struct editor *e, size_t n)
{
	e->out_at += n;
	if (e->out_at == e->out_n)
		e->out_at = e->out_n = 0;
}
