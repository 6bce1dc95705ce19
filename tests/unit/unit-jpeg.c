/* Where a JPEG ends: whole, in any pieces, padded, cut, damaged.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "tap.h"
#include "wire/jpeg.h"

/* A progressive picture of 16x8 by its markers: an APP0 that holds an EOI, SOF2,
 * two scans with a restart marker and a stuffed byte, a table between them. */
static const uint8_t pic[] = {0xff, 0xd8, 0xff, 0xe0, 0, 4, 0xff, 0xd9, 0xff,
    0xc2, 0, 11, 8, 0, 8, 0, 16, 1, 1, 0x11, 0, 0xff, 0xff, 0xda, 0, 8, 1, 1, 0,
    0, 63, 0, 1, 2, 0xff, 0, 3, 0xff, 0xd0, 4, 0xff, 0xc4, 0, 3, 9, 0xff, 0xda,
    0, 8, 1, 1, 0, 0, 63, 0, 5, 6, 0xff, 0xff, 0xd9};

static int
scan(const uint8_t *p, size_t n)
{
	struct jpeg j = {0};

	return jpeg_scan(&j, p, n);
}

int
main(void)
{
	struct jpeg j = {0};
	uint8_t buf[2 * sizeof(pic)], bad[sizeof(pic)];
	size_t i, n, whole = 0;

	ok(jpeg_scan(&j, pic, sizeof(pic)) == 1 && j.at == sizeof(pic) &&
	        j.w == 16 && j.h == 8,
	    "jpeg: whole");

	memset(buf, 0xd9, sizeof(buf));
	memcpy(buf, pic, sizeof(pic));
	j = (struct jpeg){0};
	ok(jpeg_scan(&j, buf, sizeof(buf)) == 1 && j.at == sizeof(pic),
	    "jpeg: what follows it is not part of it");

	j = (struct jpeg){0};
	for (i = 0; i < sizeof(pic); i++) {
		if (jpeg_scan(&j, pic, i) != 0)
			break;
		whole += scan(pic, i) == 0;
	}
	ok(i == sizeof(pic) && whole == i && jpeg_scan(&j, pic, i) == 1 &&
	        j.at == i,
	    "jpeg: byte by byte");

	/* One byte wrong never has more of it than there is read, and each
	 * verdict holds when all is read at once or byte by byte. */
	for (i = n = 0; i < 256 * sizeof(pic); i++) {
		size_t k;
		int all, step = 0;

		memcpy(bad, pic, sizeof(pic));
		bad[i / 256] = (uint8_t)i;
		all = scan(bad, sizeof(bad));
		j = (struct jpeg){0};
		for (k = 0; k <= sizeof(bad) && step == 0; k++)
			step = jpeg_scan(&j, bad, k);
		n += all != step || j.at > sizeof(bad);
	}
	ok(n == 0, "jpeg: one damaged byte");

	ok(scan((const uint8_t *)"\xff\xd8\xff\xd9", 4) == -1,
	    "jpeg: nothing in it");
	ok(scan((const uint8_t *)"\xff\xd8\xff\xe0\0\1", 6) == -1,
	    "jpeg: a segment shorter than its length");
	ok(scan((const uint8_t *)"\xff\xd8\xff\xd8", 4) == -1,
	    "jpeg: a second start");
	ok(scan((const uint8_t *)"JFIF", 4) == -1 &&
	        scan((const uint8_t *)"\xff\0", 2) == -1 &&
	        scan((const uint8_t *)"\xff", 1) == 0 && scan(pic, 0) == 0,
	    "jpeg: its first bytes");
	memcpy(bad, pic, sizeof(pic));
	memset(bad + 13, 0, 2);
	ok(scan(bad, sizeof(bad)) == -1, "jpeg: no height");
	return done();
}
