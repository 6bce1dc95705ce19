/* unit-link: what chat-link's core is made of: ranges, rings, blocks, repair,
 * acknowledgements, and two ends that talk.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "link/ack.h"
#include "link/block.h"
#include "link/flowin.h"
#include "link/lane.h"
#include "link/picin.h"
#include "link/picout.h"
#include "link/portin.h"
#include "link/repair.h"
#include "link/ring.h"
#include "link/spans.h"
#include "link/voice.h"
#include "tap.h"

static uint32_t state = 1;

static uint32_t
number(uint32_t below)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % below;
}

static void
test_spans(void)
{
	enum { N = 200 };
	uint8_t want[N + 2] = {0};
	struct spans s = {0};
	size_t i, at;
	int bad = 0, turn, in;
	uint32_t a, b, x;

	for (turn = 0; turn < 20000; turn++) {
		a = number(N);
		b = a + number(20);
		b = b > N ? N : b;
		in = number(2) != 0;
		bad += (in ? spans_add(&s, a, b) : spans_remove(&s, a, b)) != 0;
		if (b > a)
			memset(want + a, in, b - a);
		for (x = 0, at = 0; x < N; x++) {
			while (at < s.n && s.v[at].to <= x)
				at++;
			bad += want[x] != (at < s.n && s.v[at].from <= x);
		}
		for (i = 0; i < s.n; i++)
			bad += s.v[i].from >= s.v[i].to ||
			       (i > 0 && s.v[i - 1].to >= s.v[i].from);
	}
	ok(bad == 0, "ranges stay apart and in order");
	spans_free(&s);
	(void)spans_add(&s, 10, 20);
	(void)spans_add(&s, 30, 40);
	(void)spans_add(&s, 20, 30);
	ok(s.n == 1 && s.v[0].from == 10 && s.v[0].to == 40,
	    "ranges that touch become one");
	(void)spans_remove(&s, 15, 35);
	ok(s.n == 2 && s.v[0].to == 15 && s.v[1].from == 35, "a hole");
	(void)spans_remove(&s, 0, 100);
	ok(s.n == 0, "nothing is left");
	spans_free(&s);
}

static void
test_ring(void)
{
	uint8_t in[3000], out[3000];
	struct ring r = {0};
	uint64_t low = (1ull << 33) - 700, end = low;
	size_t i, n;
	int bad = 0, turn;

	for (turn = 0; turn < 2000; turn++) {
		n = number(sizeof(in));
		for (i = 0; i < n; i++)
			in[i] = (uint8_t)((end + i) * 7 / 3);
		bad += ring_fit(&r, low, end + n) != 0;
		ring_put(&r, end, in, n);
		end += n;
		n = number((uint32_t)(end - low > 2999 ? 2999 : end - low) + 1);
		ring_get(&r, low, out, n);
		for (i = 0; i < n; i++)
			bad += out[i] != (uint8_t)((low + i) * 7 / 3);
		low += n;
	}
	ok(bad == 0 && r.size >= 16384, "a ring that grows keeps its bytes");
	ring_free(&r);
}

/* libisal's gf_gen_cauchy1_matrix for 3 + 2: rows 3 and 4. */
static void
test_repair(void)
{
	static const uint8_t rows[2][3] = {{244, 142, 1}, {71, 167, 122}};
	uint8_t parts[REPAIR_PARTS][40], was[sizeof(parts)], one[3] = {0};
	uint8_t have[REPAIR_PARTS], spares[REPAIR_MORE][40], out;
	uint8_t *spare[REPAIR_MORE], at[REPAIR_MORE];
	unsigned k, e, i, r, c;
	int bad = 0, turn;

	for (r = 0; r < 2; r++)
		for (c = 0; c < 3; c++) {
			memset(one, 0, sizeof(one));
			one[c] = 1;
			repair_make(&out, one, 3, r, 1);
			bad += out != rows[r][c];
		}
	ok(bad == 0, "the coefficients are libisal's");
	for (turn = 0, bad = 0; turn < 300; turn++) {
		k = 1 + number(REPAIR_PARTS);
		e = 1 + number(k < REPAIR_MORE ? k : REPAIR_MORE);
		for (i = 0; i < sizeof(was); i++)
			was[i] = (uint8_t)number(256);
		memcpy(parts, was, sizeof(was));
		memset(have, 1, sizeof(have));
		for (i = 0; i < e; i++) {
			do
				c = number(k);
			while (!have[c]);
			have[c] = 0;
			at[i] = (uint8_t)((i * 7) % REPAIR_MORE);
			spare[i] = spares[i];
			repair_make(spares[i], parts[0], k, at[i], 40);
		}
		for (i = 0; i < k; i++)
			if (!have[i])
				memset(parts[i], 0xee, 40);
		bad += repair_fill(parts[0], have, k, spare, at, e, 40) != 0;
		bad += memcmp(parts, was, k * 40) != 0;
		have[0] = 0;
		bad += e < k && have[1] &&
		       repair_fill(parts[0], have, k, spare, at, 0, 40) != -1;
	}
	ok(bad == 0, "as many as there are spares come back");
}

static void
test_blocks(void)
{
	uint8_t buf[1400];
	const uint8_t *p = buf;
	struct block_prefix prefix = {1, 9};
	struct block_ack ack = {.newest = 4000000000u,
	    .age = 8000,
	    .oneway = 77,
	    .run = 3,
	    .n = 2,
	    .range = {{1, 2}, {65535, 65535}}};
	const struct block_part part = {
	    'i', 1, 5, 3000, 2, 1000, 4, 1234567890123ull};
	uint64_t limit[2] = {1ull << 47, 5};
	size_t n = 0, all, cut;
	struct block b;
	int bad = 0;

	n += block_put_prefix(buf, &prefix);
	n += block_put_ack(buf + n, &ack);
	n += block_put_limits(buf + n, limit);
	n += block_put_bytes(buf + n, &(struct block_bytes){1, 1ull << 40}, 3);
	memcpy(buf + n, "abc", 3);
	n += 3;
	n += block_put_part(buf + n, &part, 2);
	memcpy(buf + n, "de", 2);
	n += 2;
	n += block_put_voice(buf + n, &(struct block_voice){9, 8}, 1);
	buf[n++] = 'f';
	all = n;

	ok(block_get_prefix(&prefix, &p, &n) == 0 && prefix.asks &&
	        prefix.wish == 9,
	    "a prefix");
	ok(block_get(&b, &p, &n) == 1 && b.type == 'A' &&
	        b.ack.newest == 4000000000u && b.ack.age == 8000 &&
	        b.ack.n == 2 && b.ack.range[1].missing == 65535,
	    "an acknowledgement");
	ok(block_get(&b, &p, &n) == 1 && b.type == 'W' &&
	        b.limit[0] == 1ull << 47 && b.limit[1] == 5,
	    "limits");
	ok(block_get(&b, &p, &n) == 1 && b.type == 'S' && b.bytes.stream == 1 &&
	        b.bytes.at == 1ull << 40 && b.n == 3 &&
	        memcmp(b.data, "abc", 3) == 0,
	    "bytes");
	ok(block_get(&b, &p, &n) == 1 && b.type == 'P' && b.part.number == 5 &&
	        b.part.size == 3000 && b.part.each == 1000 &&
	        b.part.time == 1234567890123ull && b.n == 2 && b.data[1] == 'e',
	    "a part");
	ok(block_get(&b, &p, &n) == 1 && b.type == 'V' && b.voice.number == 9 &&
	        b.n == 1 && b.data[0] == 'f',
	    "sound");
	ok(block_get(&b, &p, &n) == 0, "and no more");
	for (cut = 0; cut < all; cut++) {
		uint8_t *copy = malloc(cut ? cut : 1);

		memcpy(copy, buf, cut);
		p = copy;
		n = cut;
		if (block_get_prefix(&prefix, &p, &n) == 0)
			while (block_get(&b, &p, &n) == 1)
				bad += b.n > cut;
		free(copy);
	}
	ok(bad == 0, "cut anywhere, it reads nothing beyond");
}

static void
test_ack(void)
{
	const struct block_prefix p = {1, 32};
	struct block_ack out;
	struct ack a;
	uint32_t i;

	ack_init(&a, 1000000);
	ok(ack_due(&a) == INT64_MAX && !ack_news(&a, 1000000),
	    "nothing came, nothing is told");
	(void)ack_came(&a, 0xfffffffe, 0, &p, 2000000);
	ok(ack_due(&a) == 2008000, "one may wait 8 ms");
	(void)ack_came(&a, 0xffffffff, 0, &p, 2000100);
	(void)ack_came(&a, 0, 0, &p, 2000200);
	ok(ack_due(&a) < 2000200, "three may not");
	(void)ack_came(&a, 2, 500, &p, 2000300);
	ack_tell(&a, &out, 1000, 2000400);
	ok(out.newest == 2 && out.run == 0 && out.n == 1 &&
	        out.range[0].missing == 1 && out.range[0].run == 2 &&
	        out.age == 100,
	    "numbers wrap, and a hole is told");
	ok(ack_due(&a) == INT64_MAX, "once");
	for (i = 0; i < 3000; i++)
		(void)ack_came(&a, 10 + 2 * i, 0, &p, 2000500);
	ack_tell(&a, &out, 200, 2000600);
	ok(a.came.n <= 512 && out.n == (200 - 14) / 4,
	    "what is kept and what is told has bounds");
	spans_free(&a.came);
}

/* chat-wire(5)'s example. */
static void
test_example(void)
{
	static const uint8_t want[] = {0x6c, 0, 0, 0x37, 0, 0, 0, 2, 0, 0, 0, 1,
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x40, 1, 1, 0x0d, 0, 0x41, 0,
	    0, 0, 0, 1, 1, 0xf4, 0, 0, 0x61, 0xa8, 0, 1, 0x53, 0, 0, 0x1b, 0, 0,
	    0, 0, 0, 0, 0x74, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 6,
	    0x44, 0x88, 0x31, 0xae, 0x20, 0, 'h', 'i', '\n'};
	const struct block_ack a = {
	    .newest = 1, .age = 4000, .oneway = 25000, .run = 1};
	struct frame t = {
	    .kind = 't', .len = 3, .pieces = 1, .time = 1764201600000000};
	struct frame l = {
	    .kind = 'l', .number = 2, .pieces = 1, .time = 1000000};
	uint8_t got[200];
	size_t n = FRAME_HEAD;

	n += block_put_prefix(got + n, &(struct block_prefix){1, 13});
	n += block_put_ack(got + n, &a);
	n += block_put_bytes(
	    got + n, &(struct block_bytes){0, 0}, FRAME_HEAD + 3);
	frame_put(got + n, &t);
	n += FRAME_HEAD;
	memcpy(got + n, "hi\n", 3);
	n += 3;
	l.len = (uint16_t)(n - FRAME_HEAD);
	frame_put(got, &l);
	ok(n == sizeof(want) && memcmp(got, want, n) == 0,
	    "the page's example is what goes");
}

/* ---- two ends ---- */

static struct lane *one, *two;
static int64_t now;
static unsigned long drop; /* of 100 */

static void
carry(struct lane *from, struct lane *to)
{
	uint8_t buf[LANE_PACKET];
	struct fault bad;
	struct frame f;

	while (lane_give(from, buf, now) > 0)
		if (number(100) >= drop)
			if (frame_get(&f, buf) != 0 ||
			    lane_take(to, &f, buf + FRAME_HEAD, now, &bad) != 0)
				abort();
}

/* So many milliseconds go by. */
static void
pass(int ms)
{
	while (ms-- > 0) {
		carry(one, two);
		carry(two, one);
		now += 1000;
	}
}

static int
put(struct lane *l, struct frame f, const void *data)
{
	struct fault bad;

	f.pieces = f.pieces ? f.pieces : 1;
	return laneout_put(&l->out, &f, data, now, &bad);
}

static void
begin(void)
{
	now = 5000000;
	one = lane_new(now);
	two = lane_new(now);
	drop = 0;
}

static void
end(void)
{
	lane_free(one);
	lane_free(two);
}

static void
test_text(void)
{
	uint8_t out[FRAME_MAX], e[FRAME_HEAD];
	uint32_t i, next = 0;
	int bad = 0;
	size_t n;

	begin();
	drop = 30;
	for (i = 0; i < 300; i++) {
		bad +=
		    put(one, (struct frame){.kind = 't', .len = 4, .number = i},
		        "text") != 0;
		pass(10);
		while ((n = lanein_get(&two->in, LANE_TEXT, out, now)) > 0)
			bad += n != FRAME_HEAD + 4 || out[0] != 't' ||
			       out[7] != (next & 255) || (next++, 0);
	}
	bad += put(one, (struct frame){.kind = 't', .len = 4, .number = i},
	           "last") != 0;
	bad += put(one, (struct frame){.kind = 'e', .flags = 1}, NULL) != 0;
	ok(!laneout_room(&one->out, 't'), "after the end nothing is taken");
	ok(!laneout_done(&one->out), "and it has not arrived yet");
	pass(3000);
	ok(!lanein_end(&two->in, e), "no end before what is before it");
	while (lanein_get(&two->in, LANE_TEXT, out, now) > 0)
		next++;
	ok(bad == 0 && next == 301, "each line once, in order");
	ok(lanein_end(&two->in, e) && e[0] == 'e' && e[1] == 1, "then the end");
	ok(laneout_done(&one->out) && !laneout_done(&two->out),
	    "which is known to be there");
	end();
}

static void
type(uint32_t *line, int lines, int apart)
{
	uint8_t out[FRAME_MAX];

	while (lines-- > 0) {
		(void)put(one,
		    (struct frame){.kind = 't', .len = 4, .number = (*line)++},
		    "text");
		pass(apart);
		while (lanein_get(&two->in, LANE_TEXT, out, now) > 0)
			;
	}
}

/* Loss is known where but a line a second goes, and an outage does not count. */
static void
test_loss(void)
{
	uint32_t line = 0;

	begin();
	drop = 20;
	type(&line, 100, 1000);
	ok(lane_state(one, now).loss > 0.08, "loss where little is sent");
	end();
	begin();
	type(&line, 50, 20);
	drop = 100;
	type(&line, 20, 200);
	drop = 0;
	type(&line, 5, 100);
	ok(lane_state(one, now).loss < 0.05, "an outage does not count");
	end();
}

static void
test_room(void)
{
	static const uint8_t data[FRAME_DATA];
	uint8_t out[FRAME_MAX];
	uint32_t n = 0, got = 0;

	begin();
	for (int i = 0; i < 40000; i++) {
		while (laneout_room(&one->out, 'b'))
			(void)put(one,
			    (struct frame){
			        .kind = 'b', .len = FRAME_DATA, .number = n++},
			    data);
		pass(1);
	}
	ok((uint64_t)n * FRAME_MAX < (130u << 20),
	    "a reader that stands still bounds a file at 64 MiB each side");
	ok(lane_state(one, now).memory <= 260u << 20, "and its memory");
	(void)put(one, (struct frame){.kind = 'k'}, NULL);
	pass(50);
	ok(lanein_get(&two->in, LANE_KIND('k'), out, now) == FRAME_HEAD,
	    "k passes by");
	while (lanein_get(&two->in, LANE_KIND('b'), out, now) > 0) {
		got++;
		if (got % 100 == 0)
			pass(1);
	}
	ok(got > 1000 && laneout_room(&one->out, 't'),
	    "and goes on when it reads");
	end();
	begin();
	for (n = 0; laneout_room(&one->out, 't') && n < 100000; n++) {
		(void)put(one,
		    (struct frame){.kind = 't', .len = 1000, .number = n},
		    data);
		pass(1);
	}
	ok(n < 400, "text at 256 KiB");
	lanein_ignore(&two->in, LANE_KIND('t'));
	(void)lanein_get(&two->in, LANE_KIND('b'), out, now);
	pass(100);
	ok(laneout_room(&one->out, 't'), "kinds that nobody reads are taken");
	end();
}

/* Thousands of acknowledgements a second do not use up the rate of who sends
 * little else. */
static void
test_receipt(void)
{
	static const uint8_t data[FRAME_DATA];
	uint8_t out[FRAME_MAX];
	uint32_t n = 0;

	begin();
	for (int i = 0; i < 8000; i++, now += 250) {
		while (laneout_room(&one->out, 'b'))
			(void)put(one,
			    (struct frame){
			        .kind = 'b', .len = FRAME_DATA, .number = n++},
			    data);
		carry(one, two);
		carry(two, one);
		while (lanein_get(&two->in, LANE_KIND('b'), out, now) > 0)
			;
	}
	ok(lane_state(two, now).sent > 5000, "a file is acknowledged often");
	(void)put(two, (struct frame){.kind = 'b', .len = 4}, "kept");
	pass(20);
	ok(lanein_get(&one->in, LANE_KIND('b'), out, now) == FRAME_HEAD + 4,
	    "and its receipt comes at once");
	end();
}

static void
test_pictures(void)
{
	uint8_t data[9000], out[FRAME_MAX];
	unsigned got = 0, wrong = 0, i, piece;
	size_t n;

	begin();
	for (i = 0; i < 100; i++) {
		memset(data, (int)i, sizeof(data));
		for (piece = 0; piece < 3; piece++) {
			(void)put(one,
			    (struct frame){.kind = 'i',
			        .len = 3000,
			        .number = i,
			        .piece = (uint16_t)piece,
			        .pieces = 3},
			    data);
			/* chat-frame sends key pictures twice. */
			(void)put(one,
			    (struct frame){.kind = 'i',
			        .len = 3000,
			        .number = i - 1,
			        .piece = 0,
			        .pieces = 3},
			    data);
		}
		drop = i % 10 == 5 ? 60 : 0;
		pass(33);
		while (
		    (n = lanein_get(&two->in, LANE_KIND('i'), out, now)) > 0) {
			got += n - FRAME_HEAD;
			wrong +=
			    out[FRAME_HEAD] != out[7] || out[n - 1] != out[7];
		}
	}
	pass(400);
	while ((n = lanein_get(&two->in, LANE_KIND('i'), out, now)) > 0)
		got += n - FRAME_HEAD;
	ok(got == 100 * 9000 && wrong == 0,
	    "pictures whole, though their parts got lost");
	ok(put(one,
	       (struct frame){.kind = 'i',
	           .len = 5,
	           .number = 200,
	           .piece = 1,
	           .pieces = 3},
	       data) == -1,
	    "one without its beginning is malformed");
	ok(put(one, (struct frame){.kind = 'l', .len = 5}, data) == -1,
	    "and so is l from a program");
	drop = 100;
	(void)put(
	    one, (struct frame){.kind = 'i', .len = 3000, .number = 200}, data);
	pass(1000);
	ok(lane_state(one, now).given_up == 1, "given up when it is late");
	ok(lanein_get(&one->in, LANE_KIND('k'), out, now) == FRAME_HEAD &&
	        out[0] == 'k' &&
	        lanein_get(&one->in, LANE_KIND('k'), out, now) == 0,
	    "and our own coder is asked, once");
	end();
}

/* Pictures that have no room stay with their writer, who drops old ones. */
static void
test_port(void)
{
	static struct portin in;
	uint8_t frame[FRAME_HEAD + 100] = {0};
	const uint8_t *payload;
	struct frame f = {.kind = 'i', .len = 100, .pieces = 1};
	struct fault bad;
	int fd[2];

	if (pipe(fd) == -1)
		abort();
	frame_put(frame, &f);
	in.fd = fd[0];
	ok(portin_wants(&in), "a port is read");
	ok(write(fd[1], frame, 50) == 50 && portin_read(&in, &bad) == 1 &&
	        portin_frame(&in, &f, &payload, &bad) == 0 && portin_wants(&in),
	    "up to a whole frame");
	ok(write(fd[1], frame + 50, sizeof(frame) - 50) > 0 &&
	        portin_read(&in, &bad) == 1 &&
	        portin_frame(&in, &f, &payload, &bad) == 1 &&
	        !portin_wants(&in),
	    "but not beyond it");
	portin_next(&in, &f);
	ok(portin_wants(&in), "before it is used");
	close(fd[0]);
	close(fd[1]);
}

static void
test_hostile(void)
{
	static const uint8_t data[1200];
	struct block_part part = {.kind = 'i', .size = 1 << 24, .each = 1146};
	struct flowin f;
	struct picin *in = calloc(1, sizeof(*in));
	struct fault bad;
	struct frame fr;
	uint8_t buf[LANE_PACKET];
	uint32_t i;
	int r = 0;

	picin_init(in, 'i');
	for (i = 0; i < 1000; i++) {
		part.number = i;
		(void)picin_take(in, &part, data, 1146, 1000);
	}
	ok(in->bytes <= PICIN_BYTES, "pictures that lie about their size");
	part.size = 0;
	ok(picin_take(in, &part, data, 1146, 1000) == 0 &&
	        (part.each = 0, picin_take(in, &part, data, 0, 1000) == 0),
	    "and have none");
	picin_free(in);
	free(in);

	flowin_init(&f, 1 << 20);
	for (i = 0; i < 1 << 19 && r == 0; i++)
		r = flowin_take(&f, 2 * i, data, 1);
	ok(r == -1 && i < 20000, "a stream of holes");
	ok(flowin_take(&f, 1 << 20, data, 1) == 0 &&
	        flowin_take(&f, UINT64_MAX, data, 1000) == 0,
	    "bytes beyond the limit are dropped");
	flowin_free(&f);

	begin();
	pass(100);
	/* A frame in the stream that is none. */
	memset(buf, 'x', sizeof(buf));
	fr = (struct frame){.kind = FRAME_LINK, .number = 77, .pieces = 1};
	fr.len = (uint16_t)block_put_prefix(buf, &(struct block_prefix){1, 1});
	fr.len += (uint16_t)(block_put_bytes(buf + fr.len,
	                         &(struct block_bytes){0, 0}, 100) +
	                     100);
	ok(lane_take(one, &fr, buf, now, &bad) == -1 && bad.code == X_PEER,
	    "a malformed frame in a stream ends the session");
	buf[0] = 2;
	ok(lane_take(two, &fr, buf, now, &bad) == -1 && bad.code == X_PEER,
	    "and so does another version");
	end();
}

int
main(void)
{
	test_spans();
	test_ring();
	test_repair();
	test_blocks();
	test_ack();
	test_example();
	test_text();
	test_loss();
	test_room();
	test_receipt();
	test_pictures();
	test_port();
	test_hostile();
	return done();
}
