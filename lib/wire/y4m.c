/* y4m: the lines of a YUV4MPEG2 stream of I420 pictures (chat-wire(5), RAW
 * VIDEO; yuv4mpeg(5) of mjpegtools).
 * SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "wire/y4m.h"

size_t
y4m_bytes(const struct y4m *y)
{
	return (size_t)y->w * y->h +
	       2 * (size_t)y4m_half(y->w) * y4m_half(y->h);
}

size_t
y4m_head_put(char line[static Y4M_LINE], const struct y4m *y)
{
	return (size_t)snprintf(line, Y4M_LINE,
	    "YUV4MPEG2 W%u H%u F%u:%u Ip A%u:%u C420jpeg\n", y->w, y->h, y->num,
	    y->den, y->anum, y->aden);
}

size_t
y4m_frame_put(char line[static Y4M_LINE], uint64_t time)
{
	if (time == 0)
		return (size_t)snprintf(line, Y4M_LINE, "FRAME\n");
	return (size_t)snprintf(
	    line, Y4M_LINE, "FRAME XT=%llu\n", (unsigned long long)time);
}

/* A word of a line, from at up to end. */
struct word {
	const char *at, *end;
};

/* Go to the next word after w, which begins empty at the line's start; the line
 * ends at `end`.  1, or 0 when none is left. */
static int
next(struct word *w, const char *end)
{
	const char *p = w->end;

	while (p < end && (*p == ' ' || *p == '\n'))
		p++;
	w->at = p;
	while (p < end && *p != ' ' && *p != '\n')
		p++;
	w->end = p;
	return w->end > w->at;
}

static int
is(const struct word *w, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(w->end - w->at) == n && memcmp(w->at, text, n) == 0;
}

/* Read digits at *p, at most `most`, and move *p after them.  0, or -1. */
static int
number(const char **p, const char *end, uint64_t most, uint64_t *out)
{
	const char *at = *p;
	uint64_t n = 0;
	unsigned digit;

	for (; at < end && *at >= '0' && *at <= '9'; at++) {
		digit = (unsigned)(*at - '0');
		if (n > (most - digit) / 10)
			return -1;
		n = n * 10 + digit;
	}
	if (at == *p)
		return -1;
	*p = at;
	*out = n;
	return 0;
}

/* The word has only a number after its first `skip` letters. */
static int
whole(const struct word *w, size_t skip, uint64_t most, uint64_t *out)
{
	const char *p = w->at + skip;

	return number(&p, w->end, most, out) == 0 && p == w->end ? 0 : -1;
}

/* `Xnum:den`; malformed or senseless ones are unknown, 0:0. */
static void
ratio(const struct word *w, unsigned *num, unsigned *den)
{
	const char *p = w->at + 1;
	uint64_t a, b;

	*num = *den = 0;
	if (number(&p, w->end, 100000000, &a) == -1 || p == w->end ||
	    *p++ != ':' || number(&p, w->end, 100000000, &b) == -1 ||
	    p != w->end || a == 0 || b == 0)
		return;
	*num = (unsigned)a;
	*den = (unsigned)b;
}

int
y4m_head_get(struct y4m *y, const char *line, size_t n, const char **why)
{
	struct word w = {line, line};
	uint64_t side;

	*why = "not a YUV4MPEG2 stream";
	memset(y, 0, sizeof(*y));
	if (n > Y4M_LINE || !next(&w, line + n) || w.at != line ||
	    !is(&w, "YUV4MPEG2"))
		return -1;
	while (next(&w, line + n)) {
		switch (*w.at) {
		case 'W':
		case 'H':
			*why = "the size of its pictures is absurd";
			if (whole(&w, 1, Y4M_MOST, &side) == -1 ||
			    side < Y4M_LEAST)
				return -1;
			*(*w.at == 'W' ? &y->w : &y->h) = (unsigned)side;
			break;
		case 'F':
			ratio(&w, &y->num, &y->den);
			break;
		case 'A':
			ratio(&w, &y->anum, &y->aden);
			break;
		case 'I':
			*why = "its pictures are interlaced";
			if (!is(&w, "Ip") && !is(&w, "I?"))
				return -1;
			break;
		case 'C':
			*why = "its pictures are not 4:2:0 of 8 bits";
			if (!is(&w, "C420") && !is(&w, "C420jpeg") &&
			    !is(&w, "C420mpeg2") && !is(&w, "C420paldv"))
				return -1;
			break;
		default:
			break;
		}
	}
	*why = "it does not tell the size of its pictures";
	return y->w && y->h ? 0 : -1;
}

int
y4m_frame_get(uint64_t *time, const char *line, size_t n)
{
	struct word w = {line, line};
	uint64_t t;

	*time = 0;
	if (n > Y4M_LINE || !next(&w, line + n) || w.at != line ||
	    !is(&w, "FRAME"))
		return -1;
	while (next(&w, line + n))
		if (w.end - w.at > 3 && memcmp(w.at, "XT=", 3) == 0 &&
		    whole(&w, 3, INT64_MAX, &t) == 0)
			*time = t;
	return 0;
}
