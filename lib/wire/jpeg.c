/* jpeg: where a JPEG picture ends, without decoding it (ITU-T T.81, annex B).
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/be.h"
#include "wire/jpeg.h"

enum {
	SOF0 = 0xc0,
	DHT = 0xc4,
	JPG = 0xc8,
	DAC = 0xcc,
	SOF15 = 0xcf,
	RST0 = 0xd0,
	RST7 = 0xd7,
	SOI = 0xd8,
	EOI = 0xd9,
	SOS = 0xda
};

/* Skip entropy-coded data up to the next marker that is not a restart. */
static int
coded(struct jpeg *j, const uint8_t *p, size_t n)
{
	const uint8_t *ff;

	for (;;) {
		ff = memchr(p + j->at, 0xff, n - j->at);
		if (!ff) {
			j->at = n;
			return 0;
		}
		j->at = (size_t)(ff - p);
		if (n - j->at < 2)
			return 0;
		if (ff[1] == 0 || (ff[1] >= RST0 && ff[1] <= RST7)) {
			j->at += 2;
			continue;
		}
		j->part = JPEG_TABLES;
		return 1;
	}
}

/* Skip a segment: a marker and its length come first. */
static int
segment(struct jpeg *j, const uint8_t *s, size_t left)
{
	size_t len;
	int sof;

	if (left < 4)
		return 0;
	len = be16_get(s + 2);
	sof = s[1] >= SOF0 && s[1] <= SOF15 && s[1] != DHT && s[1] != JPG &&
	      s[1] != DAC;
	if (len < (sof ? 8 : 2))
		return -1;
	if (left < 2 + len)
		return 0;
	if (sof) {
		j->h = be16_get(s + 5);
		j->w = be16_get(s + 7);
	}
	if (s[1] == SOS) {
		if (j->w == 0 || j->h == 0)
			return -1;
		j->part = JPEG_DATA;
	}
	j->at += 2 + len;
	return 1;
}

int
jpeg_scan(struct jpeg *j, const uint8_t *p, size_t n)
{
	uint8_t marker;
	int more;

	if (j->at == 0) {
		if (n > 0 && (p[0] != 0xff || (n > 1 && p[1] != SOI)))
			return -1;
		if (n < 2)
			return 0;
		j->at = 2;
	}
	for (;;) {
		if (j->part == JPEG_DATA && !coded(j, p, n))
			return 0;
		if (n - j->at < 2)
			return 0;
		marker = p[j->at + 1];
		if (p[j->at] != 0xff)
			return -1;
		if (marker == 0xff) { /* a fill byte */
			j->at++;
			continue;
		}
		if (marker < SOF0 || (marker >= RST0 && marker <= SOI))
			return -1;
		if (marker == EOI) {
			j->at += 2;
			return j->part == JPEG_HEAD ? -1 : 1;
		}
		more = segment(j, p + j->at, n - j->at);
		if (more != 1)
			return more;
	}
}
