/* fuzz/jpegdec: a camera's JPEG, decoded by libturbojpeg.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "fuzz.h"
#include "video/jpegdec.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static uint8_t *out;
	static size_t room;
	static struct jpegdec *t;
	struct y4m_planes p;
	struct fault f;
	size_t all;

	if (!t)
		t = jpegdec_new(&f);
	MUST(t);
	if (!jpegdec_put(t, data, n, &p))
		return 0;
	MUST(y4m_planes_fit(p.w, p.h));
	all = (size_t)p.w * p.h + 2 * (size_t)y4m_half(p.w) * y4m_half(p.h);
	if (all > room) {
		out = realloc(out, all);
		room = all;
	}
	MUST(out);
	y4m_planes_pack(out, &p);
	return 0;
}
