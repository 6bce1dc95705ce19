/* unit-slots: the payload of sound, what is lost, and which copies go.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "audio/copies.h"
#include "audio/losses.h"
#include "audio/slots.h"
#include "tap.h"

/* Two frames and all fields, byte for byte (chat-wire(5)). */
static const uint8_t known[] = {0x01, 0x02, 0x03, 0x04, 3, 26, 13, 0, 0, 0, 3,
    0xaa, 0xbb, 0xcc, 5, 0, 1, 0xdd};

static void
bytes(void)
{
	struct slots s = {.slot = 0x01020304,
	                 .muted = 1,
	                 .deaf = 1,
	                 .lost = 26,
	                 .runs = 13,
	                 .n = 2,
	                 .coded = {{0, 3, known + 11}, {5, 1, known + 17}}},
	             t;
	uint8_t out[SLOTS_PAYLOAD];
	size_t n = slots_put(out, &s);

	ok(n == sizeof(known) && memcmp(out, known, n) == 0,
	    "written byte for byte");
	ok(slots_get(&t, known, sizeof(known)) == 0 && t.slot == s.slot &&
	        t.muted && t.deaf && t.lost == 26 && t.runs == 13 && t.n == 2,
	    "read back");
	ok(t.coded[0].n == 3 && t.coded[0].data == known + 11 &&
	        t.coded[1].back == 5 && t.coded[1].n == 1,
	    "its coded frames");
	ok(slots_get(&t, known, SLOTS_HEAD) == 0 && t.n == 0,
	    "without coded frames");
}

/* The known payload with one byte changed, or cut to n bytes. */
static int
changed(size_t at, uint8_t to, size_t n)
{
	uint8_t p[SLOTS_PAYLOAD + 1] = {0};
	struct slots s;

	memcpy(p, known, sizeof(known));
	p[at] = to;
	return slots_get(&s, p, n);
}

static void
rules(void)
{
	size_t all = sizeof(known), n;

	for (n = 0; n < all; n++)
		if (n != SLOTS_HEAD && n != 14 && changed(0, 0, n) != -1)
			break;
	ok(n == all, "cut anywhere it is malformed");
	ok(changed(4, 0xfd, all) == 0, "unknown flags are ignored");
	ok(changed(5, 129, all) == -1, "more than 128 lost");
	ok(changed(6, 65, all) == -1 && changed(6, 27, all) == -1,
	    "more runs than there can be");
	ok(changed(7, 1, all) == -1, "a reserved byte");
	ok(changed(8, 1, all) == -1, "the first frame is not its own slot's");
	ok(changed(14, 0, all) == -1, "the same slot twice");
	ok(changed(14, 33, all) == -1 && changed(14, 32, all) == 0,
	    "a copy 32 slots old, and not one of 33");
	ok(changed(10, 0, all) == -1, "a coded frame of 0 bytes");
	ok(changed(9, 5, all) == -1, "one longer than the payload");
	ok(changed(0, 0, SLOTS_PAYLOAD + 1) == -1, "a payload too long");
}

static void
room(void)
{
	static uint8_t big[SLOTS_BYTES];
	struct slots s = {
	    .n = 3, .coded = {{0, 600, big}, {1, 560, big}, {2, 10, big}}};
	uint8_t out[SLOTS_PAYLOAD];

	ok(slots_put(out, &s) == 8 + 603, "what has no room is left out");
}

static void
counts(void)
{
	struct losses l = {0};
	uint8_t lost, runs;
	uint32_t i;

	losses_count(&l, &lost, &runs);
	ok(lost == 0 && runs == 0, "nothing came: nothing is lost");
	for (i = 0xffffff80; i != 0x80; i++)
		if (i % 8 != 3 && i % 8 != 4)
			losses_take(&l, i);
	losses_count(&l, &lost, &runs);
	ok(lost == 32 && runs == 16, "a quarter of 128, in pairs, across 0");
	losses_take(&l, 0x74);
	losses_take(&l, 0x74);
	losses_count(&l, &lost, &runs);
	ok(lost == 31 && runs == 16, "one came late, and twice");
	losses_take(&l, 0x80000000);
	losses_count(&l, &lost, &runs);
	ok(lost == 0, "a leap begins anew");
}

static void
policy(void)
{
	struct copies c = {0};
	uint8_t b[COPIES_MOST];
	int64_t s = 1000000;

	ok(copies_back(&c, b) == 1 && b[0] == 1, "at first the slot before");
	copies_report(&c, 5, 4, s);
	ok(copies_back(&c, b) == 2 && b[0] == 1 && b[1] == 2,
	    "losses: two slots before");
	copies_report(&c, 20, 8, s + 10);
	ok(copies_back(&c, b) == 2 && b[0] == 1, "looked at once a second");
	copies_report(&c, 20, 8, 2 * s);
	ok(copies_back(&c, b) == 2 && b[0] == 2 && b[1] == 5,
	    "bursts: 2 and 5 before");
	copies_report(&c, 0, 0, 5 * s);
	ok(c.level == COPIES_SPREAD, "not less at once");
	copies_report(&c, 0, 0, 12 * s);
	ok(copies_back(&c, b) == 1, "less after 10 s");
}

int
main(void)
{
	bytes();
	rules();
	room();
	counts();
	policy();
	return done();
}
