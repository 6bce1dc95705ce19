/* render: a text message as a person reads it, `13:05:59 alice: hello`.
 * SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/vis.h"
#include "mux/render.h"

void
render_name(struct render_how *h, const char *name)
{
	if (!name || !*name)
		name = "peer";
	vis_text(h->name, sizeof(h->name), name, strlen(name));
}

void
render_begin(
    struct render *s, const struct render_how *how, const struct message *m)
{
	s->how = how;
	s->time = m->time;
	s->p = m->data;
	s->n = m->n;
	s->part = how->raw ? 2 : 1;
	if (!how->raw && s->n > 0 && s->p[s->n - 1] == '\n')
		s->n--;
}

/* The user chose this format. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static size_t
head(const struct render *s, char *out, size_t cap)
{
	time_t when = (time_t)(s->time / 1000000);
	char text[256] = "";
	struct tm tm;

	/* A time that no calendar has is left out. */
	if (*s->how->format && localtime_r(&when, &tm) &&
	    strftime(text, sizeof(text) - 1, s->how->format, &tm) > 0)
		strcat(text, " ");
	return (size_t)snprintf(out, cap, "%s%s%s", text,
	    s->how->own ? "" : s->how->name, s->how->own ? "> " : ": ");
}

#pragma GCC diagnostic pop

/* How many of n > 3 bytes end between UTF-8 characters: all, or those before
 * the last byte that begins one. */
static size_t
whole_characters(const uint8_t *p, size_t n)
{
	size_t k;

	for (k = 1; k <= 3; k++) {
		if (p[n - k] >= 0xc0)
			return n - k;
		if (p[n - k] < 0x80)
			break;
	}
	return n;
}

int
render_busy(const struct render *s)
{
	return s->part != 0;
}

size_t
render_next(struct render *s, char *out, size_t cap)
{
	size_t at = 0, n;

	if (s->part == 1) {
		at = head(s, out, cap);
		s->part = 2;
	}
	if (s->part != 2)
		return 0;
	n = s->how->raw ? cap : (cap - at - 2) / VIS_MAX;
	if (n >= s->n) {
		n = s->n;
		s->part = 0;
	} else if (!s->how->raw) {
		n = whole_characters(s->p, n);
	}
	if (s->how->raw && n > 0)
		memcpy(out, s->p, n);
	at += s->how->raw ? n
	                  : vis_text(out + at, cap - at, (const char *)s->p, n);
	s->p += n;
	s->n -= n;
	if (s->part == 0 && !s->how->raw)
		out[at++] = '\n';
	return at;
}
