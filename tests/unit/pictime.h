/* pictime: the time that video/testpic drew into a picture, read again.
 * SPDX-License-Identifier: ISC */
#ifndef PICTIME_H
#define PICTIME_H

#include <stddef.h>
#include <stdint.h>

/* Read the 4 rows of 16 blocks in the lowest sixth of a Y plane of w by h pixels,
 * stride bytes from row to row; the picture may have been coded with loss and
 * scaled.  0, or -1 where there are none that can be read. */
static int
pictime(const uint8_t *p, size_t stride, unsigned w, unsigned h, uint64_t *time)
{
	unsigned i, x0, x1, y0, y1, bx, by, r, c, n;
	uint64_t bits = 0, sum;

	for (i = 0; i < 64; i++) {
		x0 = w * (i % 16) / 16;
		x1 = w * (i % 16 + 1) / 16;
		y0 = h * (i / 16 + 20) / 24;
		y1 = h * (i / 16 + 21) / 24;
		bx = (x1 - x0) / 4;
		by = (y1 - y0) / 4;
		sum = n = 0;
		for (r = y0 + by; r < y1 - by; r++)
			for (c = x0 + bx; c < x1 - bx; c++, n++)
				sum += p[r * stride + c];
		if (n == 0 || (sum > 96 * n && sum < 155 * n))
			return -1;
		bits = bits << 1 | (sum >= 155 * n);
	}
	/* A check of 12 bits stands above the time. */
	*time = bits & ((1ull << 52) - 1);
	return bits >> 52 == (*time * 0x9e3779b97f4a7c15u) >> 52 ? 0 : -1;
}

#endif
