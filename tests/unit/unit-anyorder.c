/* unit-anyorder: anyorder against a slow model that is obviously right, over
 * random loss, doubling and reordering; and what a hostile peer may send.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "wire/anyorder.h"
#include "wire/frame.h"

static uint64_t seed = 1;

static uint32_t
rnd(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

/* The content of message n of a kind: its bytes tell which it is. */
static size_t
content(uint8_t *p, char kind, uint32_t n)
{
	size_t len = n * 7919u % 20000, i;

	for (i = 0; i < len; i++)
		p[i] = (uint8_t)(i * 31 + n * 17 + (uint32_t)kind);
	return len;
}

enum { N = 400, EVENTS = 40000, MOST = 1184 };

static struct event {
	int64_t at;
	size_t n;
	uint8_t frame[FRAME_HEAD + MOST];
} event[EVENTS];

static int
by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* The model of a message. */
static struct model {
	unsigned pieces, got;
	uint8_t seen[20];
	int64_t when; /* whole since */
	int gone; /* given out or up */
} model[2][N];

/* The model's rules, each message looked at anew each time.  The number it
 * gives out now, or -1. */
static int
model_next(int live, struct model *m, int64_t now)
{
	int i, j;

	for (i = 0; i < N; i++) {
		if (m[i].gone || m[i].pieces == 0 || m[i].got < m[i].pieces)
			continue;
		/* i is the first whole one: does it wait for another? */
		for (j = 0; j < i && m[j].gone; j++)
			;
		if (j < i && !live) {
			for (j = i; j < N; j++)
				if (!m[j].gone && m[j].pieces > 0 &&
				    m[j].got == m[j].pieces &&
				    now >= m[j].when + ANYORDER_HOLD)
					break;
			if (j == N)
				return -1;
		}
		for (j = 0; j <= i; j++)
			m[j].gone = 1;
		return i;
	}
	return -1;
}

static void
model_take(struct model *m, const struct frame *f, int64_t now)
{
	m += f->number;
	if (m->gone || m->seen[f->piece])
		return;
	m->pieces = f->pieces;
	m->seen[f->piece] = 1;
	if (++m->got == m->pieces)
		m->when = now;
}

static int
run(unsigned loss, unsigned twice, unsigned disorder)
{
	static const char kinds[] = "bj";
	static uint8_t bytes[20000], want[20000];
	struct anyorder *l = anyorder_new(kinds);
	struct message m, got;
	uint64_t whole[2] = {0}, skipped[2] = {0};
	uint32_t next[2] = {0};
	struct frame f;
	struct frame_cut c;
	int64_t now = 0;
	int events = 0, i, k, r, bad = 0, n, rounds;

	memset(model, 0, sizeof(model));
	for (i = 0; i < N; i++)
		for (k = 0; k < 2; k++) {
			m = (struct message){.kind = (uint8_t)kinds[k],
			    .number = (uint32_t)i,
			    .time = (uint64_t)i,
			    .data = bytes};
			m.n = content(bytes, kinds[k], (uint32_t)i);
			frame_cut_begin(&c, &m, MOST);
			now += 10;
			while (frame_cut_left(&c)) {
				event[events].n = frame_cut_next(&c,
				    event[events].frame, sizeof(event->frame));
				event[events].at = now + rnd(4);
				if (rnd(100) < disorder)
					event[events].at += rnd(400);
				if (rnd(100) >= loss)
					events++;
				if (events > 0 && rnd(100) < twice) {
					event[events] = event[events - 1];
					event[events++].at += rnd(300);
				}
			}
		}
	qsort(event, (size_t)events, sizeof(*event), by_time);
	for (i = 0; i <= events; i++) {
		/* Between frames time may pass with nothing coming. */
		for (rounds = 0; rounds < 2; rounds++) {
			if (rounds == 0 && i < events) {
				now = event[i].at;
			} else if (rounds == 0) {
				anyorder_end(l);
				now += 2 * ANYORDER_HOLD;
			} else if (i < events) {
				(void)frame_get(&f, event[i].frame);
				r = anyorder_take(
				    l, &f, event[i].frame + FRAME_HEAD, now);
				bad += r != 0;
				model_take(model[f.kind == 'j'], &f, now);
			}
			for (k = 0; k < 2; k++)
				while (
				    (n = model_next(k, model[k], now)) != -1) {
					r = anyorder_next(l, &got, now);
					if (r != 1 || got.kind != kinds[k] ||
					    got.number != (uint32_t)n ||
					    got.time != (uint64_t)n ||
					    got.n != content(want, kinds[k],
					                 (uint32_t)n) ||
					    memcmp(want, got.data, got.n) != 0)
						bad++;
					skipped[k] += (uint32_t)n - next[k];
					next[k] = (uint32_t)n + 1;
					whole[k]++;
				}
			bad += anyorder_next(l, &got, now) != 0;
		}
		if (anyorder_due(l) <= now)
			bad++;
	}
	for (k = 0; k < 2; k++)
		bad += anyorder_count(l, kinds[k]).whole != whole[k];
	bad += anyorder_count(l, 'j').incomplete < skipped[1];
	anyorder_free(l);
	if (loss == 0 && disorder == 0)
		bad += whole[0] != N || whole[1] != N;
	return bad;
}

/* One frame of a hostile peer; what anyorder_take asks for is done. */
static void
offer(struct anyorder *l, struct frame *f, int64_t now)
{
	static const uint8_t zero[FRAME_DATA];
	struct message m;

	while (anyorder_take(l, f, zero, now) == 1)
		while (anyorder_next(l, &m, now) == 1)
			;
	while (anyorder_next(l, &m, now) == 1)
		;
}

static void
hostile(void)
{
	struct anyorder *l = anyorder_new("tjiab");
	struct frame f = {.kind = 'b', .len = 1000};
	struct message m;
	int i;

	for (i = 0; i < 1000000; i++) {
		f.number = (uint32_t)i;
		f.piece = (uint16_t)(i % 3);
		f.pieces = i % 500 ? 4 : 16000;
		offer(l, &f, 0);
	}
	ok(anyorder_count(l, 'b').whole == 0, "a million messages begun");
	f = (struct frame){.kind = 'b', .len = 1, .pieces = 1};
	f.number = 0x7fffffff;
	offer(l, &f, 0);
	f.number = 0x7fffffffu + 1000000;
	offer(l, &f, 0);
	f.number = 5;
	offer(l, &f, 1000);
	ok(anyorder_count(l, 'b').whole == 2, "numbers that jump and wrap");

	/* All that a header may say, at random. */
	for (i = 0; i < 300000; i++) {
		f.kind = (uint8_t) "tjiabk"[rnd(6)];
		f.flags = (uint8_t)rnd(2);
		f.len = (uint16_t)(rnd(3) ? 100 : rnd(FRAME_DATA + 1));
		f.number = rnd(50) ? (uint32_t)i / 100 : rnd(UINT32_MAX);
		f.pieces = (uint16_t)(1 + (rnd(2) ? rnd(4) : rnd(65535)));
		f.piece = (uint16_t)rnd(f.pieces);
		f.time = rnd(2);
		offer(l, &f, i);
	}
	anyorder_end(l);
	while (anyorder_next(l, &m, 1 << 30) == 1)
		;
	anyorder_free(l);
	ok(1, "random headers");

	/* Pieces that do not fit the others do not spoil the message. */
	l = anyorder_new("b");
	f = (struct frame){.kind = 'b', .len = 10, .pieces = 3, .piece = 2};
	offer(l, &f, 0);
	f.piece = 0;
	f.len = 9; /* shorter than the last */
	(void)anyorder_take(l, &f, (const uint8_t *)"123456789", 0);
	f.len = 10;
	f.time = 1;
	(void)anyorder_take(l, &f, (const uint8_t *)"another..t", 0);
	f.time = 0;
	(void)anyorder_take(l, &f, (const uint8_t *)"0123456789", 0);
	f.piece = 1;
	f.len = 11;
	(void)anyorder_take(l, &f, (const uint8_t *)"another..le", 0);
	f.len = 10;
	(void)anyorder_take(l, &f, (const uint8_t *)"abcdefghij", 0);
	ok(anyorder_next(l, &m, 0) == 1 && m.n == 30 &&
	        memcmp(m.data, "0123456789abcdefghij\0", 21) == 0,
	    "pieces that do not fit are left out");
	anyorder_free(l);
}

int
main(void)
{
	unsigned i;

	ok(run(0, 0, 0) == 0, "nothing lost");
	for (i = 0; i < 40; i++)
		ok(run(i % 8, i % 5 * 10, i % 3 * 20) == 0,
		    "loss %u%%, doubled %u%%, disorder %u%%", i % 8, i % 5 * 10,
		    i % 3 * 20);
	hostile();
	return done();
}
