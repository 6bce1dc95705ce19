/* testpic: a moving picture that shows the time to people and programs.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "video/testpic.h"

/* Colours of the bars, the ball and the rest, as Y, U and V of BT.601. */
typedef uint8_t yuv[3];
static const yuv bars[8] = {{180, 128, 128}, {162, 44, 142}, {131, 156, 44},
    {112, 72, 58}, {84, 184, 198}, {65, 100, 212}, {35, 212, 114},
    {16, 128, 128}};
static const yuv black = {16, 128, 128}, white = {235, 128, 128},
                 orange = {170, 60, 190};

enum {
	COLS = 16, /* blocks in a row */
	ROWS = 4,
	BANDS = 24, /* rows of blocks: the height by this */
	TIME_BITS = 52
};
#define TIME_MASK ((1ull << TIME_BITS) - 1)

struct plane {
	uint8_t *p;
	unsigned w, h;
};
struct pic {
	struct plane y, u, v;
};

static void
fill(struct plane *a, long x0, long y0, long x1, long y1, uint8_t c)
{
	x0 = x0 < 0 ? 0 : x0;
	y0 = y0 < 0 ? 0 : y0;
	x1 = x1 > (long)a->w ? (long)a->w : x1;
	y1 = y1 > (long)a->h ? (long)a->h : y1;
	for (; x0 < x1 && y0 < y1; y0++)
		memset(a->p + (size_t)y0 * a->w + x0, c, (size_t)(x1 - x0));
}

/* Fill from x0,y0 to x1,y1, those excluded. */
static void
rect(struct pic *p, long x0, long y0, long x1, long y1, const yuv c)
{
	fill(&p->y, x0, y0, x1, y1, c[0]);
	fill(&p->u, x0 / 2, y0 / 2, (x1 + 1) / 2, (y1 + 1) / 2, c[1]);
	fill(&p->v, x0 / 2, y0 / 2, (x1 + 1) / 2, (y1 + 1) / 2, c[2]);
}

/* Move between 0 and range and back, once in each period. */
static long
bounce(uint64_t time, uint64_t period, long range)
{
	uint64_t at = time % period * 2;

	at = at > period ? 2 * period - at : at;
	return (long)(at * (uint64_t)range / period);
}

static void
ball(struct pic *p, uint64_t time, long w, long h)
{
	long r = h / 8, x, y, dy, half = 0;

	x = r + bounce(time, 4000000, w - 2 * r);
	y = r + bounce(time, 2700000, h - 2 * r);
	for (dy = -r; dy <= r; dy++) {
		while ((half + 1) * (half + 1) <= r * r - dy * dy)
			half++;
		while (half * half > r * r - dy * dy)
			half--;
		rect(p, x - half, y + dy, x + half, y + dy + 1, orange);
	}
}

/* Draw a ramp from black to white and back, on rows y0 to y1; it moves by once
 * in 4 s. */
static void
ramp(struct pic *p, uint64_t time, unsigned y0, unsigned y1)
{
	unsigned w = p->y.w, shift, x, at;
	uint8_t *row = p->y.p + (size_t)y0 * w;

	if (y0 >= y1)
		return;
	rect(p, 0, y0, w, y1, black);
	shift = (unsigned)(time % 4000000 * w / 4000000);
	for (x = 0; x < w; x++) {
		at = (x + shift) % w * 2;
		at = at > w ? 2 * w - at : at;
		row[x] = (uint8_t)(16 + at * 219 / w);
	}
	for (y0++; y0 < y1; y0++)
		memcpy(p->y.p + (size_t)y0 * w, row, w);
}

/* Draw digits of seven bars, four units wide and seven high. */
static void
digit(struct pic *p, long x, long y, long u, unsigned n)
{
	static const uint8_t at[7][4] = {{0, 0, 4, 1}, {3, 0, 4, 4},
	    {3, 3, 4, 7}, {0, 6, 4, 7}, {0, 3, 1, 7}, {0, 0, 1, 4},
	    {0, 3, 4, 4}};
	static const uint8_t lit[10] = {
	    0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f};
	unsigned i;

	for (i = 0; i < 7; i++)
		if (lit[n] & 1u << i)
			rect(p, x + at[i][0] * u, y + at[i][1] * u,
			    x + at[i][2] * u, y + at[i][3] * u, white);
}

/* hh:mm:ss.mmm */
static void
clock(struct pic *p, uint64_t time, long w, long h)
{
	static const char form[] = "hh:mm:ss.mmm";
	static const unsigned base[] = {10, 10, 6, 10, 6, 10, 10, 10, 10};
	unsigned d[9], i;
	long u = w / 60 < h / 16 ? w / 60 : h / 16;
	long x = (w - 53 * u) / 2, y = (h - 7 * u) / 2;
	uint64_t ms = time / 1000 % 86400000;

	for (i = 9; i-- > 0; ms /= base[i])
		d[i] = (unsigned)(ms % base[i]);
	rect(p, x - u, y - u, x + 54 * u, y + 8 * u, black);
	for (i = 0; *(form + i) && u > 0; i++) {
		if (form[i] == ':') {
			rect(p, x + u, y + 2 * u, x + 2 * u, y + 3 * u, white);
			rect(p, x + u, y + 4 * u, x + 2 * u, y + 5 * u, white);
		} else if (form[i] == '.') {
			rect(p, x + u, y + 6 * u, x + 2 * u, y + 7 * u, white);
		} else {
			digit(p, x, y, u, d[i - i / 3]);
			x += 2 * u;
		}
		x += 3 * u;
	}
}

/* The time with its check value above it. */
static uint64_t
word(uint64_t time)
{
	time &= TIME_MASK;
	return time | (time * 0x9e3779b97f4a7c15u & ~TIME_MASK);
}

/* Block i reaches from x[0],y[0] to x[1],y[1]. */
static void
block(unsigned i, unsigned w, unsigned h, unsigned x[2], unsigned y[2])
{
	unsigned col = i % COLS, row = i / COLS + BANDS - ROWS;

	x[0] = w * col / COLS;
	x[1] = w * (col + 1) / COLS;
	y[0] = h * row / BANDS;
	y[1] = h * (row + 1) / BANDS;
}

void
testpic_draw(uint8_t *p, unsigned w, unsigned h, uint64_t time)
{
	unsigned cw = w / 2 + w % 2, ch = h / 2 + h % 2, i, x[2], y[2];
	unsigned top = h * (BANDS - ROWS) / BANDS;
	size_t size = (size_t)w * h;
	struct pic a = {{p, w, h}, {p + size, cw, ch},
	    {p + size + (size_t)cw * ch, cw, ch}};

	for (i = 0; i < 8; i++)
		rect(&a, w * i / 8, 0, w * (i + 1) / 8, h, bars[i]);
	ball(&a, time, w, top);
	ramp(&a, time, h * 18 / BANDS, top);
	clock(&a, time, w, top);
	for (i = 0; i < COLS * ROWS; i++) {
		block(i, w, h, x, y);
		rect(&a, x[0], y[0], x[1], y[1],
		    word(time) >> (63 - i) & 1 ? white : black);
	}
}
