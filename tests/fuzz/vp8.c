/* fuzz/vp8: coded pictures, one after the other, decoded by libvpx.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "video/vp8.h"

static volatile uint8_t touched;

/* data: pictures, each behind two bytes of length. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct y4m_planes p;
	struct vp8_dec *d;
	struct fault f;
	uint8_t *copy;
	unsigned i, x, y, w, h;
	size_t len;
	int hidden, r;

	d = vp8_dec_new(&f);
	MUST(d);
	for (; n > 2; data += len, n -= len) {
		len = data[0] << 8 | data[1];
		data += 2;
		n -= 2;
		len = len < n ? len : n;
		/* One that is its own block shows what is read beyond it. */
		copy = malloc(len ? len : 1);
		MUST(copy);
		memcpy(copy, data, len);
		r = vp8_dec_put(d, copy, len, &p, &hidden);
		free(copy);
		MUST(r == 0 || r == 1);
		MUST(!(r && hidden));
		if (!r)
			continue;
		MUST(y4m_planes_fit(p.w, p.h));
		for (i = 0; i < 3; i++) {
			w = i ? y4m_half(p.w) : p.w;
			h = i ? y4m_half(p.h) : p.h;
			for (y = 0; y<h; y += h> 64 ? h - 1 : 1)
				for (x = 0; x < w; x += w - 1)
					touched = p.plane[i][(ptrdiff_t)y *
					                         p.stride[i] +
					                     x];
		}
	}
	vp8_dec_free(d);
	return 0;
}
