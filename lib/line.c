/* line: lines out of bytes as they come, at most FRAME_MESSAGE each.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "line.h"

enum { BASE = 16384 };
#define MOST (FRAME_MESSAGE + 1) /* one more shows that a line is too long */

uint8_t *
line_room(struct line *l, size_t *room)
{
	size_t have = l->end - l->start, cap = l->cap;
	uint8_t *buf;

	if (have > 0 && l->start > 0)
		memmove(l->buf, l->buf + l->start, have);
	l->seen -= l->start;
	l->start = 0;
	l->end = have;
	if (have < BASE)
		cap = BASE;
	else if (have == cap)
		cap = cap > MOST / 2 ? MOST : 2 * cap;
	if (cap != l->cap) {
		buf = realloc(l->buf, cap);
		if (!buf)
			return NULL;
		l->buf = buf;
		l->cap = cap;
	}
	*room = cap - have;
	return l->buf + have;
}

void
line_add(struct line *l, size_t n)
{
	l->end += n;
}

int
line_next(struct line *l, const uint8_t **p, size_t *n)
{
	uint8_t *newline = NULL;

	if (l->seen < l->end)
		newline = memchr(l->buf + l->seen, '\n', l->end - l->seen);
	l->seen = newline ? (size_t)(newline - l->buf) + 1 : l->end;
	if (l->seen - l->start > FRAME_MESSAGE)
		return -1;
	if (!newline)
		return 0;
	*p = l->buf + l->start;
	*n = l->seen - l->start;
	l->start = l->seen;
	return 1;
}

size_t
line_rest(struct line *l, const uint8_t **p)
{
	size_t n = l->end - l->start;

	*p = l->buf + l->start;
	l->start = l->seen = l->end;
	return n;
}
