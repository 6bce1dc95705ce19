/* lines: cut bytes into lines, or take what each read gave.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "mux/lines.h"
#include "wire/frame.h"

enum { BASE = 65536 };
#define MOST (FRAME_MESSAGE + 1) /* one more shows that a line is too long */

uint8_t *
lines_room(struct lines *g, size_t *room)
{
	size_t have = g->end - g->start, cap = g->cap;
	uint8_t *buf;

	if (have > 0 && g->start > 0)
		memmove(g->buf, g->buf + g->start, have);
	g->seen -= g->start;
	g->start = 0;
	g->end = have;
	if (have < BASE)
		cap = BASE;
	else if (have == cap)
		cap = cap > MOST / 2 ? MOST : 2 * cap;
	if (cap != g->cap) {
		buf = realloc(g->buf, cap);
		if (!buf)
			return NULL;
		g->buf = buf;
		g->cap = cap;
	}
	*room = cap - have;
	return g->buf + have;
}

void
lines_add(struct lines *g, size_t n)
{
	g->end += n;
}

int
lines_line(struct lines *g, const uint8_t **p, size_t *n)
{
	uint8_t *newline = NULL;

	if (g->seen < g->end)
		newline = memchr(g->buf + g->seen, '\n', g->end - g->seen);
	g->seen = newline ? (size_t)(newline - g->buf) + 1 : g->end;
	if (g->seen - g->start > FRAME_MESSAGE)
		return -1;
	if (!newline)
		return 0;
	*p = g->buf + g->start;
	*n = g->seen - g->start;
	g->start = g->seen;
	return 1;
}

size_t
lines_rest(struct lines *g, const uint8_t **p)
{
	size_t n = g->end - g->start;

	*p = g->buf + g->start;
	g->start = g->seen = g->end;
	return n;
}

void
lines_free(struct lines *g)
{
	free(g->buf);
}
