/* ivf: the headers of a stream of VP8 pictures, and a picture's first bytes
 * (chat-wire(5), MEDIA; RFC 6386, section 9.1).
 * SPDX-License-Identifier: ISC */
#ifndef IVF_H
#define IVF_H

#include <stddef.h>
#include <stdint.h>

enum {
	IVF_HEAD = 32, /* bytes before the first picture */
	IVF_PIC_HEAD = 12, /* bytes before each picture's own */
	IVF_KEY = 10, /* bytes of a key picture that ivf_key reads */
	IVF_SIDE = 8192 /* most pixels a side that we decode */
};
#define IVF_PIC_MAX (16u << 20) /* most bytes in a picture */

struct ivf {
	unsigned w, h; /* pixels, 0 to IVF_SIDE; the key pictures count */
	uint32_t num, den; /* the unit of pts in seconds, a fraction */
};

/* Write a header for VP8 of w and h, at most IVF_SIDE, and ticks of 1/1000000
 * s. */
void
ivf_head_put(uint8_t head[static IVF_HEAD], unsigned w, unsigned h);

/* Read a header.  0; or -1, and *why says what is wrong: not IVF, another
 * version, not VP8, an absurd size, no time base. */
int
ivf_head_get(
    struct ivf *v, const uint8_t head[static IVF_HEAD], const char **why);

/* Write a picture's header: its length, at most IVF_PIC_MAX, and its time. */
void
ivf_pic_put(uint8_t head[static IVF_PIC_HEAD], size_t size, uint64_t pts);

/* Read a picture's header.  0, or -1 if size is over IVF_PIC_MAX. */
int
ivf_pic_get(
    size_t *size, uint64_t *pts, const uint8_t head[static IVF_PIC_HEAD]);

/* Capture time, microseconds since 1970-01-01 UTC, of a picture with that pts;
 * 0 if the time base is not ours, as pts then is not a capture time. */
uint64_t
ivf_time(const struct ivf *v, uint64_t pts);

/* Is this VP8 picture of n bytes a key picture?  1, and w and h are its pixels;
 * 0; or -1: not VP8, or its sides are not 1 to IVF_SIDE. */
int
ivf_key(const uint8_t *p, size_t n, unsigned *w, unsigned *h);

#endif
