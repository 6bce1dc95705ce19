/* The layer below everything: numbers, text made harmless, big-endian, frames.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/be.h"
#include "base/opt.h"
#include "base/set.h"
#include "base/vis.h"
#include "tap.h"
#include "wire/frame.h"

static void
vis(const char *in, size_t n, const char *want)
{
	char out[256];
	size_t len = vis_text(out, sizeof(out), in, n);

	ok(len == strlen(want) && strcmp(out, want) == 0, "vis: %s", want);
}

static void
test_vis(void)
{
	char out[8];

	vis("hello\tworld", 11, "hello\tworld");
	vis("\033[2J", 4, "^[[2J");
	vis("a\0b", 3, "a^@b");
	vis("\x7f\r\n", 3, "^?^M^J");
	vis("gr\xc3\xbc\xc3\x9f", 6, "gr\xc3\xbc\xc3\x9f");
	vis("\xc2\x9b"
	    "31m",
	    5, "<U+009B>31m");
	vis("\xe2\x80\xae"
	    "x",
	    4, "<U+202E>x");
	vis("\xf0\x9f\x99\x82", 4, "\xf0\x9f\x99\x82");
	vis("\xff\xfe", 2, "\\xff\\xfe");
	vis("\xc0\x80", 2, "\\xc0\\x80");
	vis("\xed\xa0\x80", 3, "\\xed\\xa0\\x80");
	vis("\xe2\x82", 2, "\\xe2\\x82");
	vis("\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80");
	ok(vis_text(out, sizeof(out), "abc\033\033\033", 6) == 7 &&
	        strcmp(out, "abc^[^[") == 0,
	    "vis: cut between characters");
}

/* Does it act on a terminal?  The C1 controls as UTF-8, too. */
static int
acts(const char *p, size_t n)
{
	size_t i;
	uint8_t c;

	for (i = 0; i < n; i++) {
		c = (uint8_t)p[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f ||
		    (c == 0xc2 && (uint8_t)p[i + 1] < 0xa0))
			return 1;
	}
	return 0;
}

/* Every three bytes, with the parts of escape codes around them. */
static void
test_controls(void)
{
	static const char code[] = "\033[31m\x9b\x07";
	enum { ALL = 1 << 24, SOME = 1 + sizeof(code) };
	unsigned i, k, left = 0, lost = 0;
	char in[3 + SOME], out[sizeof(in) * VIS_MAX + 1];
	size_t n, len;

	for (i = 0; i < ALL; i++) {
		k = i % SOME;
		n = 3;
		in[0] = (char)(i >> 16);
		in[1] = (char)(i >> 8);
		in[2] = (char)i;
		memcpy(in + n, code, k < sizeof(code) ? k : 0);
		n += k < sizeof(code) ? k : 0;
		len = vis_text(out, sizeof(out), in, n);
		left += acts(out, len) != 0;
		lost += len < n;
	}
	ok(left == 0 && lost == 0, "vis: no three bytes act on a terminal");
	printf("# tries %d\n", ALL);
}

static void
test_num(void)
{
	static const char *const bad[] = {"", " 1", "1 ", "+1", "-1", "0x1",
	    "1e3", "65536", "99999999999999999999", "1\n"};
	long n = 0;
	size_t i;

	ok(opt_parse("65535", 0, 65535, &n) == 0 && n == 65535, "num: 65535");
	ok(opt_parse("007", 0, 9, &n) == 0 && n == 7, "num: 007");
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok(opt_parse(bad[i], 0, 65535, &n) == -1,
		    "num: bad number %zu refused", i);
}

static void
test_be(void)
{
	uint8_t b[8];

	be64_put(b, 0x0102030405060708u);
	ok(b[0] == 1 && b[7] == 8, "be: order");
	ok(be64_get(b) == 0x0102030405060708u, "be: 64");
	ok(be32_get(b) == 0x01020304u, "be: 32");
	ok(be16_get(b + 6) == 0x0708, "be: 16");
}

static void
test_set(void)
{
	static struct set set; /* it is never freed */
	uint64_t i, wrong = 0;

	for (i = 0; i < 1000; i++)
		wrong += set_add(&set, (struct set_key){i % 10, i / 10}) != 1;
	for (i = 0; i < 1000; i++)
		*set_find(&set, (struct set_key){i % 10, i / 10}) = i;
	for (i = 0; i < 1000; i++)
		wrong += *set_find(&set, (struct set_key){i % 10, i / 10}) != i;
	ok(wrong == 0, "set: a thousand keys and their numbers");
	ok(set_add(&set, (struct set_key){3, 7}) == 0 &&
	        *set_find(&set, (struct set_key){3, 7}) == 73,
	    "set: what is there keeps its number");
	ok(!set_find(&set, (struct set_key){10, 0}) &&
	        !set_find(&set, (struct set_key){0, 100}),
	    "set: other keys are not there");
}

static void
test_frame(void)
{
	struct frame f = {.kind = 't',
	                 .len = 4072,
	                 .number = 0xfffffffeu,
	                 .piece = 3,
	                 .pieces = 4,
	                 .time = 1700000000000000u},
	             g;
	uint8_t h[FRAME_HEAD], bad[FRAME_HEAD];
	int i, refused = 0;

	frame_put(h, &f);
	ok(frame_get(&g, h) == 0 && g.kind == 't' && g.len == 4072 &&
	        g.number == f.number && g.piece == 3 && g.pieces == 4 &&
	        g.time == f.time && g.flags == 0,
	    "frame: there and back");
	for (i = 12; i < 16; i++) {
		memcpy(bad, h, sizeof(h));
		bad[i] = 1;
		refused += frame_get(&g, bad) == -1;
	}
	ok(refused == 4, "frame: reserved bytes are zero");
	for (refused = 0, i = 0; i < 256; i++) {
		memcpy(bad, h, sizeof(h));
		bad[0] = (uint8_t)i;
		bad[9] = 0;
		bad[11] = 1;
		bad[2] = bad[3] = 0;
		refused += frame_get(&g, bad) == -1;
	}
	ok(refused == 256 - 8, "frame: eight kinds may be empty");
	f.len = 4073;
	frame_put(h, &f);
	ok(frame_get(&g, h) == -1, "frame: too long");
	f.len = 1;
	f.piece = 4;
	frame_put(h, &f);
	ok(frame_get(&g, h) == -1, "frame: an index past the last piece");
	f.piece = f.pieces = 0;
	frame_put(h, &f);
	ok(frame_get(&g, h) == -1, "frame: no pieces");
}

int
main(void)
{
	test_vis();
	test_controls();
	test_num();
	test_be();
	test_set();
	test_frame();
	return done();
}
