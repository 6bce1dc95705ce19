/* ivf: the headers of a stream of VP8 pictures, and a picture's first bytes
 * (chat-wire(5), MEDIA; RFC 6386, section 9.1).
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "wire/ivf.h"

/* IVF is little-endian, unlike all other formats here. */
static void
put(uint8_t *p, unsigned bytes, uint64_t n)
{
	for (; bytes--; n >>= 8)
		*p++ = (uint8_t)n;
}

static uint64_t
get(const uint8_t *p, unsigned bytes)
{
	uint64_t n = 0;

	while (bytes--)
		n = n << 8 | p[bytes];
	return n;
}

void
ivf_head_put(uint8_t head[static IVF_HEAD], unsigned w, unsigned h)
{
	memset(head, 0, IVF_HEAD);
	memcpy(head, "DKIF", 4);
	put(head + 6, 2, IVF_HEAD);
	memcpy(head + 8, "VP80", 4);
	put(head + 12, 2, w);
	put(head + 14, 2, h);
	put(head + 16, 4, 1000000);
	put(head + 20, 4, 1);
}

int
ivf_head_get(
    struct ivf *v, const uint8_t head[static IVF_HEAD], const char **why)
{
	*why = "not an IVF stream";
	if (memcmp(head, "DKIF", 4) != 0)
		return -1;
	*why = "its IVF is of another version";
	if (get(head + 4, 2) != 0 || get(head + 6, 2) != IVF_HEAD)
		return -1;
	*why = "its pictures are not VP8";
	if (memcmp(head + 8, "VP80", 4) != 0)
		return -1;
	v->w = (unsigned)get(head + 12, 2);
	v->h = (unsigned)get(head + 14, 2);
	*why = "the size of its pictures is absurd";
	if (v->w > IVF_SIDE || v->h > IVF_SIDE)
		return -1;
	v->den = (uint32_t)get(head + 16, 4);
	v->num = (uint32_t)get(head + 20, 4);
	*why = "it has no time base";
	return v->num && v->den ? 0 : -1;
}

void
ivf_pic_put(uint8_t head[static IVF_PIC_HEAD], size_t size, uint64_t pts)
{
	put(head, 4, size);
	put(head + 4, 8, pts);
}

int
ivf_pic_get(
    size_t *size, uint64_t *pts, const uint8_t head[static IVF_PIC_HEAD])
{
	*size = (size_t)get(head, 4);
	*pts = get(head + 4, 8);
	return *size > IVF_PIC_MAX ? -1 : 0;
}

uint64_t
ivf_time(const struct ivf *v, uint64_t pts)
{
	if (v->num != 1 || v->den != 1000000 || pts > INT64_MAX)
		return 0;
	return pts;
}

int
ivf_key(const uint8_t *p, size_t n, unsigned *w, unsigned *h)
{
	/* A picture begins with three bytes: its kind, a version of 0 to 3,
	 * whether it is shown, and the length of its first part. */
	if (n < 3 || (p[0] >> 1 & 7) > 3)
		return -1;
	if (p[0] & 1)
		return 0;
	if (n < IVF_KEY || p[3] != 0x9d || p[4] != 0x01 || p[5] != 0x2a)
		return -1;
	*w = (unsigned)get(p + 6, 2) & 0x3fff;
	*h = (unsigned)get(p + 8, 2) & 0x3fff;
	return *w && *h && *w <= IVF_SIDE && *h <= IVF_SIDE ? 1 : -1;
}
