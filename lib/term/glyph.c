/* glyph: the characters of a line being typed, as a terminal shows them, one
 * cursor position each.
 * SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "base/vis.h"
#include "term/glyph.h"

enum {
	BACK = 1024, /* bytes searched for the beginning of a glyph */
	ZWJ = 0x200d
};

/* A character's columns: 0 if it joins the one before, 1 if unknown. */
static int
columns(uint32_t c)
{
	int w = wcwidth((wchar_t)c);

	return w < 0 ? 1 : w;
}

/* Show a character by other letters; len 0: a byte that is not UTF-8. */
static void
spell(struct glyph *g, const char *p, size_t len, uint32_t c)
{
	if (len > 0 && c == '\t')
		g->n = (size_t)snprintf(g->text, GLYPH_MAX, "^I");
	else if (len == 0 || vis_harm(p, len) > 0)
		g->n = vis_text(g->text, GLYPH_MAX, p, len > 0 ? len : 1);
	else
		g->n = (size_t)snprintf(
		    g->text, GLYPH_MAX, "<U+%04X>", (unsigned)c);
	g->columns = g->n;
}

size_t
glyph_after(const char *line, size_t n, size_t at, struct glyph *g)
{
	const char *p = line + at;
	uint32_t c, next;
	size_t len, more, i;
	int joined;

	n -= at;
	len = vis_char(p, n, &c);
	if (len == 0 || vis_harm(p, n) > 0 || columns(c) == 0) {
		spell(g, p, len, c);
		return at + (len > 0 ? len : 1);
	}
	g->columns = (size_t)columns(c);
	for (i = 0; i < GLYPH_MARKS && len < n; i++, len += more, c = next) {
		more = vis_char(p + len, n - len, &next);
		if (more == 0 || vis_harm(p + len, n - len) > 0)
			break;
		joined = columns(next);
		if (joined != 0 && (c != ZWJ || joined != 2))
			break;
		g->columns += (size_t)joined;
	}
	memcpy(g->text, p, len);
	g->n = len;
	return at + len;
}

size_t
glyph_before(const char *line, size_t n, size_t at, struct glyph *g)
{
	size_t p = at - 1, end;

	/* A printable ASCII character always begins a glyph. */
	while (p > 0 && at - p < BACK && (line[p] < ' ' || line[p] > '~'))
		p--;
	p = vis_edge(line, p);
	while ((end = glyph_after(line, n, p, g)) < at)
		p = end;
	return p;
}
