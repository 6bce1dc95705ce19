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

#ifndef REPLAY
size_t
LLVMFuzzerMutate(uint8_t *data, size_t n, size_t most);
size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t most, unsigned seed);

/* The n-th segment behind the first marker: where its length stands, or 0. */
static size_t
segment(const uint8_t *p, size_t size, unsigned n)
{
	size_t at = 2, len;

	while (at + 4 <= size && p[at] == 0xff) {
		len = (size_t)p[at + 2] << 8 | p[at + 3];
		if (n-- == 0)
			return at + 2 + len <= size && len >= 2 ? at + 2 : 0;
		at += 2 + len;
	}
	return 0;
}

/* One number of the picture's head: size, components, how they are sampled. */
static void
mutate_head(uint8_t *p, size_t n, unsigned seed)
{
	static const uint8_t sampling[] = {
	    0x11, 0x12, 0x21, 0x22, 0x41, 0x14, 0x42, 0x24, 0x44, 0x31, 0x13};
	static const uint8_t parts[] = {1, 3, 4, 2};
	size_t at = 3 + seed % 4;

	if (n < 9)
		return;
	if (seed & 0x100) /* height and width, two bytes each */
		p[at] = at % 2
		            ? 0
		            : (uint8_t)(seed >> 16) % (seed & 0x200 ? 64 : 255);
	else if ((seed & 0xc00) == 0xc00)
		p[7] = parts[seed >> 16 & 3];
	else if (9 + 3 * (seed >> 12 & 3) < n)
		p[9 + 3 * (seed >> 12 & 3)] =
		    sampling[(seed >> 16) % sizeof(sampling)];
}

/* Where the picture's head is, or 0. */
static size_t
head(const uint8_t *p, size_t size)
{
	unsigned i;
	size_t at;

	for (i = 0; (at = segment(p, size, i)); i++)
		if (p[at - 1] >= 0xc0 && p[at - 1] <= 0xcf &&
		    p[at - 1] != 0xc4 && p[at - 1] != 0xcc)
			return at;
	return 0;
}

/* Most changes of a JPEG end at its first marker: these keep its segments, and
 * change what is in one of them, or behind the last. */
size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t most, unsigned seed)
{
	size_t at = 0, len = 0;

	switch (seed % 4) {
	case 1:
		at = head(data, n);
		if (at)
			mutate_head(data + at, n - at, seed >> 7);
		break;
	case 2:
	case 3:
		at = segment(data, n, seed >> 4 & 7);
		if (at)
			len = (size_t)data[at] << 8 | data[at + 1];
		if (at && seed % 4 == 3) {
			/* Coded bytes, up to the marker of the end. */
			at += len - 2;
			len = n - at;
		}
		if (len > 4)
			(void)LLVMFuzzerMutate(data + at + 2, len - 4, len - 4);
	}
	return at ? n : LLVMFuzzerMutate(data, n, most);
}
#endif
