/* planes: an I420 picture wherever its planes lie.
 * SPDX-License-Identifier: ISC */
#ifndef PLANES_H
#define PLANES_H

#include <stdint.h>
#include <string.h>

#include "y4m.h"

/* Most pixels in a picture that is decoded, so that memory has a bound. */
#define PLANES_AREA (4096u * 4096)

/* Planes Y, U and V; the latter are y4m_half of w and h. */
struct planes {
	unsigned w, h;
	const uint8_t *plane[3];
	int stride[3];
};

/* Can a picture of that size be decoded and handed on?  1 or 0. */
static inline int
planes_fit(unsigned w, unsigned h)
{
	return w >= Y4M_LEAST && h >= Y4M_LEAST && w <= Y4M_MOST &&
	       h <= Y4M_MOST && w * h <= PLANES_AREA;
}

/* Put the planes one behind the other, as y4m_bytes counts them. */
static inline void
planes_pack(uint8_t *out, const struct planes *s)
{
	unsigned i, y, w, h;

	for (i = 0; i < 3; i++) {
		w = i ? y4m_half(s->w) : s->w;
		h = i ? y4m_half(s->h) : s->h;
		for (y = 0; y < h; y++, out += w)
			memcpy(
			    out, s->plane[i] + (ptrdiff_t)s->stride[i] * y, w);
	}
}

#endif
