/* IVF byte for byte, and pictures out of streams in any pieces.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "tap.h"
#include "wire/pictures.h"

static const uint8_t want[IVF_HEAD] = {'D', 'K', 'I', 'F', 0, 0, 32, 0, 'V',
    'P', '8', '0', 0x80, 2, 0xe0, 1, 0x40, 0x42, 0x0f, 0, 1};
static const uint8_t key[] = {0x10, 0, 0, 0x9d, 1, 0x2a, 0x80, 0x42, 0xe0, 1};
static const uint8_t jpg[] = {0xff, 0xd8, 0xff, 0xc0, 0, 8, 8, 0, 16, 0, 16, 0,
    0xff, 0xda, 0, 2, 1, 2, 3, 0xff, 0xd9};

static void
header(void)
{
	uint8_t head[IVF_HEAD], bad[IVF_HEAD];
	static const struct {
		unsigned at, value;
		const char *what;
	} wrong[] = {{0, 'd', "another magic"}, {4, 1, "another version"},
	    {6, 33, "another length"}, {11, '9', "VP9's like"},
	    {13, 0x20, "8,320 wide"}, {15, 0xff, "65,505 high"},
	    {20, 0, "no time base"}};
	struct ivf v;
	const char *why;
	size_t i;

	ivf_head_put(head, 640, 480);
	ok(memcmp(head, want, IVF_HEAD) == 0, "ivf: the header's bytes");
	ok(ivf_head_get(&v, head, &why) == 0 && v.w == 640 && v.h == 480 &&
	        v.num == 1 && v.den == 1000000,
	    "ivf: the header is read again");
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		memcpy(bad, head, sizeof(bad));
		bad[wrong[i].at] = (uint8_t)wrong[i].value;
		why = NULL;
		ok(ivf_head_get(&v, bad, &why) == -1 && why,
		    "ivf: a header with %s is none", wrong[i].what);
	}
}

static void
picture(void)
{
	static const uint8_t head12[] = {
	    0x56, 0x34, 0x12, 0, 8, 7, 6, 5, 4, 3, 2, 1};
	uint8_t head[IVF_PIC_HEAD], p[IVF_KEY];
	struct ivf us = {.num = 1, .den = 1000000}, fps = {.num = 1, .den = 30};
	uint64_t pts;
	size_t n;
	unsigned w, h;

	ivf_pic_put(head, 0x123456, 0x0102030405060708);
	ok(memcmp(head, head12, sizeof(head)) == 0,
	    "ivf: a picture's header's bytes");
	ok(ivf_pic_get(&n, &pts, head) == 0 && n == 0x123456 &&
	        pts == 0x0102030405060708,
	    "ivf: a picture's header is read again");
	ivf_pic_put(head, IVF_PIC_MAX, 0);
	ok(ivf_pic_get(&n, &pts, head) == 0, "ivf: the largest picture");
	ivf_pic_put(head, IVF_PIC_MAX + 1, 0);
	ok(ivf_pic_get(&n, &pts, head) == -1, "ivf: one byte more is refused");
	ok(ivf_time(&us, 1234567) == 1234567 && ivf_time(&fps, 12) == 0 &&
	        ivf_time(&us, UINT64_MAX) == 0,
	    "ivf: only our time base tells a capture time");
	ok(ivf_key(key, sizeof(key), &w, &h) == 1 && w == 640 && h == 480,
	    "ivf: a key picture, whose scaling bits are no size");
	memcpy(p, key, sizeof(p));
	p[0] = 0x11;
	ok(ivf_key(p, 3, &w, &h) == 0, "ivf: no key picture");
	ok(ivf_key(p, 2, &w, &h) == -1, "ivf: too short for a picture");
	ok(ivf_key(key, 9, &w, &h) == -1, "ivf: too short for a key picture");
	memcpy(p, key, sizeof(p));
	p[0] = 0x18;
	ok(ivf_key(p, sizeof(p), &w, &h) == -1, "ivf: a version nobody knows");
	memcpy(p, key, sizeof(p));
	p[4] = 2;
	ok(ivf_key(p, sizeof(p), &w, &h) == -1, "ivf: no start code");
	memcpy(p, key, sizeof(p));
	p[6] = 0;
	p[7] = 0x40;
	ok(ivf_key(p, sizeof(p), &w, &h) == -1, "ivf: no width");
	p[7] = 0x20;
	ok(ivf_key(p, sizeof(p), &w, &h) == 1 && w == 8192,
	    "ivf: as wide as can be");
	p[6] = 1;
	ok(ivf_key(p, sizeof(p), &w, &h) == -1, "ivf: wider than can be");
}

/* Give n bytes in pieces.  How many pictures came, -1 at a fault; whole says
 * whether it could end there. */
static int
feed(const uint8_t *p, size_t n, size_t piece, int *whole)
{
	struct pictures c = {0};
	struct pictures_pic pic;
	struct fault f;
	uint8_t *at;
	size_t room;
	int pics = 0, r = 0;

	while (n > 0 && r == 0) {
		at = pictures_room(&c, &room);
		if (piece < room)
			room = piece;
		if (n < room)
			room = n;
		memcpy(at, p, room);
		pictures_add(&c, room);
		p += room;
		n -= room;
		while ((r = pictures_next(&c, &pic, &f)) == 1)
			pics++;
	}
	*whole = pictures_end(&c, &f) == 0;
	pictures_free(&c);
	return r == -1 ? -1 : pics;
}

static void
streams(void)
{
	uint8_t s[IVF_HEAD + 3 * (IVF_PIC_HEAD + 10)], *p = s + IVF_HEAD;
	uint8_t j[3 * sizeof(jpg)];
	size_t i, wrong = 0;
	int whole;

	memcpy(s, want, IVF_HEAD);
	for (i = 0; i < 3; i++, p += IVF_PIC_HEAD + 10) {
		ivf_pic_put(p, 10, i);
		memcpy(p + IVF_PIC_HEAD, key, 10);
		memcpy(j + i * sizeof(jpg), jpg, sizeof(jpg));
	}
	for (i = 1; i < sizeof(s); i++)
		wrong += feed(s, sizeof(s), i, &whole) != 3 || !whole;
	ok(wrong == 0, "coded: IVF in pieces of any length");
	for (wrong = 0, i = 0; i < sizeof(s); i++)
		wrong += feed(s, i, 7, &whole) !=
		             (i < IVF_HEAD ? 0 : (int)(i - IVF_HEAD) / 22) ||
		         whole != (i >= IVF_HEAD && (i - IVF_HEAD) % 22 == 0);
	ok(wrong == 0, "coded: IVF cut anywhere");
	for (wrong = 0, i = 1; i < sizeof(j); i++)
		wrong += feed(j, sizeof(j), i, &whole) != 3 || !whole;
	ok(wrong == 0, "coded: JPEGs in pieces of any length");
	for (wrong = 0, i = 0; i < sizeof(j); i++)
		wrong += feed(j, i, 5, &whole) != (int)(i / sizeof(jpg)) ||
		         whole != (i > 0 && i % sizeof(jpg) == 0);
	ok(wrong == 0, "coded: JPEGs cut anywhere");
	ok(feed((const uint8_t *)"DKIG", 4, 4, &whole) == -1,
	    "coded: what is neither is a fault");
	s[IVF_HEAD + 3] = 1;
	ok(feed(s, IVF_HEAD + IVF_PIC_HEAD, 99, &whole) == -1,
	    "coded: too large a picture is refused at its length");
	j[sizeof(jpg)] = 0;
	ok(feed(j, sizeof(j), 99, &whole) == -1,
	    "coded: garbage between JPEGs is a fault");
}

int
main(void)
{
	header();
	picture();
	streams();
	return done();
}
