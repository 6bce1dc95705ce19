/* unit-frame: frames cut, read and put together on a stream; lines; ages.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "mux/delay.h"
#include "mux/lines.h"
#include "mux/render.h"
#include "tap.h"
#include "wire/frame.h"
#include "wire/inorder.h"

static uint8_t data[20000];
static uint8_t stream[40000];

/* Messages of all kinds, whose pieces alternate, and e.  Its length. */
static size_t
make_stream(size_t most)
{
	static const char kinds[] = "tjiab";
	struct frame_cut c[5];
	struct message m = {.data = data};
	size_t n = 0, k, i;
	int left;

	for (i = 0; i < 2; i++) {
		for (k = 0; k < 5; k++) {
			m.kind = (uint8_t)kinds[k];
			m.flags = k == 1 || k == 2;
			m.number = (uint32_t)i;
			m.time = k;
			m.n = i * 1500 + k * 300;
			frame_cut_begin(&c[k], &m, most);
		}
		do
			for (left = 0, k = 0; k < 5; k++) {
				n += frame_cut_next(
				    &c[k], stream + n, FRAME_MAX);
				left |= frame_cut_left(&c[k]) > 0;
			}
		while (left);
	}
	m = (struct message){.kind = FRAME_END};
	frame_cut_begin(c, &m, most);
	return n + frame_cut_next(c, stream + n, FRAME_MAX);
}

/* Read the stream in parts of `part` bytes: how many messages came, all of
 * them beginnings of data; e counts 100.  -1: malformed. */
static int
feed(const uint8_t *p, size_t n, size_t part, const char *wanted)
{
	struct inorder *w = calloc(1, sizeof(*w));
	size_t k, left;
	struct message m;
	struct fault f;
	int r = 0, count = 0;

	w->wanted = wanted;
	while (n > 0 && r != -1) {
		left = k = part < n ? part : n;
		n -= k;
		while ((r = inorder_feed(w, &p, &left, &m, &f)) == 1) {
			if (m.kind != FRAME_END &&
			    memcmp(m.data, data, m.n) != 0)
				count = -1000;
			count += m.kind == FRAME_END ? 100 : 1;
		}
	}
	inorder_free(w);
	free(w);
	return r == -1 ? -1 : count;
}

static void
test_whole(void)
{
	static const size_t most[] = {257, 1184, FRAME_DATA};
	size_t i, n, part, at;
	int bad = 0, bit, r, same;

	for (i = 0; i < 3; i++) {
		n = make_stream(most[i]);
		for (part = 1; part < 5000; part = part * 3 + 1)
			bad += feed(stream, n, part, NULL) != 110;
		bad += feed(stream, n, n, "b") != 102;
		bad += feed(stream, n, n, "") != 100;
	}
	ok(bad == 0, "all kinds, in parts of any size");

	n = make_stream(1184);
	for (bad = 0, at = 0; at < n; at++) {
		r = feed(stream, at, at + 1, NULL);
		bad += r < 0 || r > 10;
	}
	ok(bad == 0, "no beginning of a stream has an end");

	/* A changed header is noticed: as malformed, or because the end is
	 * not reached; but for the time and the mark of a message that is one
	 * piece, which are for whoever sealed it to tell. */
	for (bad = same = 0, at = 0; at < n;
	     at += FRAME_HEAD + stream[at + 2] * 256u + stream[at + 3])
		for (i = 0; i < FRAME_HEAD; i++)
			for (bit = 0; bit < 8; bit++) {
				stream[at + i] ^= (uint8_t)(1 << bit);
				r = feed(stream, n, n, NULL);
				if (r == 110)
					same++;
				if (r == 110 && i != 0 && i != 1 && i < 16)
					bad++;
				stream[at + i] ^= (uint8_t)(1 << bit);
			}
	ok(bad == 0 && same > 0, "every bit of every header flipped");
}

static void
test_gather(void)
{
	static const char text[] = "one\n\ntwo\nrest";
	struct lines g = {0};
	const uint8_t *p;
	size_t n, i, room;
	uint8_t *at;
	int lines = 0, r;

	for (i = 0; i < sizeof(text) - 1; i++) {
		at = lines_room(&g, &room);
		*at = (uint8_t)text[i];
		lines_add(&g, 1);
		while (lines_line(&g, &p, &n) == 1) {
			lines++;
			if (lines == 3)
				ok(n == 4 && memcmp(p, "two\n", 4) == 0,
				    "a line with its newline");
		}
	}
	n = lines_rest(&g, &p);
	ok(lines == 3 && n == 4 && memcmp(p, "rest", 4) == 0, "the rest");
	ok(lines_rest(&g, &p) == 0, "and nothing more");

	for (i = 0, r = 0; r == 0; i += room) {
		at = lines_room(&g, &room);
		memset(at, 'x', room);
		lines_add(&g, room);
		r = lines_line(&g, &p, &n);
	}
	ok(r == -1 && i == FRAME_MESSAGE + 1, "a line that is too long");
	(void)lines_rest(&g, &p);
	(void)lines_room(&g, &room);
	ok(g.cap < 100000, "its memory is given back");
	lines_free(&g);
}

static void
test_show(void)
{
	struct render_how how = {.format = "%H:%M:%S"};
	struct message m = {.time = UINT64_MAX};
	struct render s;
	char out[RENDER_LEAST];

	render_name(&how, "a\033b");
	m.data = (const uint8_t *)"x\n";
	m.n = 2;
	render_begin(&s, &how, &m);
	ok(render_next(&s, out, sizeof(out)) > 0 && strstr(out, "a^[b: x\n"),
	    "a time beyond all calendars");
	ok(render_next(&s, out, sizeof(out)) == 0, "given once");
	how.format = "";
	m.n = 0;
	m.data = NULL;
	render_begin(&s, &how, &m);
	ok(render_next(&s, out, sizeof(out)) == 7 &&
	        memcmp(out, "a^[b: \n", 7) == 0,
	    "an empty message is a line");
	how.raw = 1;
	render_begin(&s, &how, &m);
	ok(render_next(&s, out, sizeof(out)) == 0, "but nothing when raw");
}

static void
test_age(void)
{
	struct delay *a = calloc(1, sizeof(*a));
	int64_t p;
	int i;

	ok(delay_excess(a, 1000, 500) == 0, "a clock that is behind");
	ok(delay_excess(a, 2000, 1900) == 400, "slower by 400");
	ok(delay_excess(a, 3000, 2400) == 0, "quicker is the new measure");
	ok(delay_excess(a, UINT64_MAX, INT64_MAX / 4) >= 0 &&
	        delay_excess(a, 0, INT64_MAX / 4) > 0,
	    "any time a peer may send");
	memset(a, 0, sizeof(*a));
	/* One each millisecond; at 100 the clock is put back by 4 s. */
	for (i = 0; i < 100; i++)
		if (delay_late(a, 5000000u + (unsigned)i * 1000, i * 1000, 500))
			break;
	ok(i == 100, "in time");
	for (; delay_late(a, 1000000u + (unsigned)i * 1000, i * 1000, 500); i++)
		;
	ok(i == DELAY_ANEW / 1000 + 99, "late, but not for ever");
	i *= 1000;
	ok(!delay_late(a, 1000000u + (unsigned)i, i + 500, 500) &&
	        delay_late(a, 1000000u + (unsigned)i, i + 501, 500),
	    "then that is the measure");
	for (i = 1; i <= 1000; i++)
		delay_count(a, (uint64_t)(100000 - i * 100), 100000);
	p = delay_percentile(a, 99);
	ok(delay_mean(a) > 50049 && delay_mean(a) < 50051 && p >= 99000 &&
	        p <= 102100,
	    "mean and percentile");
	delay_count(a, 100001, 100000);
	delay_count(a, 0, INT64_MAX / 4);
	ok(delay_percentile(a, 0) == 0 && delay_percentile(a, 100) > 1 << 30,
	    "the ends");
	free(a);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	test_whole();
	test_gather();
	test_show();
	test_age();
	return done();
}
