/* y4m: the lines of a YUV4MPEG2 stream of I420 pictures (chat-wire(5), RAW
 * VIDEO; yuv4mpeg(5) of mjpegtools).
 * SPDX-License-Identifier: ISC */
#ifndef Y4M_H
#define Y4M_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	Y4M_LINE = 256, /* most bytes in a line, newline included */
	Y4M_LEAST = 16, /* sides of a picture, in pixels; may be odd */
	Y4M_MOST = 8192
};

struct y4m {
	unsigned w, h; /* pixels, Y4M_LEAST to Y4M_MOST */
	unsigned num, den; /* pictures a second; 0:0: unknown */
	unsigned anum, aden; /* aspect of a pixel; 0:0: unknown */
};

/* Bytes of one picture: the Y plane, then U and V, each half as wide and half
 * as high, rounded up.  At most 96 MiB. */
size_t
y4m_bytes(const struct y4m *y);

/* A side of a U or V plane, from that side of Y. */
static inline unsigned
y4m_half(unsigned side)
{
	return side / 2 + side % 2;
}

/* Write the stream's line, `YUV4MPEG2 W.. H.. F.. Ip A.. C420jpeg\n`, and a
 * NUL.  Returns its length. */
size_t
y4m_head_put(char line[static Y4M_LINE], const struct y4m *y);

/* Read a stream's line of n bytes, with or without its newline.  Unknown
 * parameters are ignored.  0; or -1, and *why says what is wrong: not
 * YUV4MPEG2, sides missing or absurd, interlaced, not 4:2:0 of 8 bits. */
int
y4m_head_get(struct y4m *y, const char *line, size_t n, const char **why);

/* Write a picture's line, `FRAME XT=<time>\n`, and a NUL; time 0: `FRAME\n`.
 * Time is when the picture was captured, in microseconds since 1970-01-01
 * UTC.  Returns its length. */
size_t
y4m_frame_put(char line[static Y4M_LINE], uint64_t time);

/* Read a picture's line of n bytes.  *time is 0 if it has none.  Unknown
 * parameters and a malformed XT= are ignored.  0, or -1 if malformed. */
int
y4m_frame_get(uint64_t *time, const char *line, size_t n);

/* Most pixels in a decoded picture; this bounds memory. */
#define Y4M_PLANES_AREA (4096u * 4096)

/* Planes Y, U and V; the latter are y4m_half of w and h. */
struct y4m_planes {
	unsigned w, h;
	const uint8_t *plane[3];
	int stride[3];
};

/* 1 if a picture of that size can be decoded and handed on, else 0. */
static inline int
y4m_planes_fit(unsigned w, unsigned h)
{
	return w >= Y4M_LEAST && h >= Y4M_LEAST && w <= Y4M_MOST &&
	       h <= Y4M_MOST && w * h <= Y4M_PLANES_AREA;
}

/* Copy the planes one after another, as y4m_bytes counts them. */
static inline void
y4m_planes_pack(uint8_t *out, const struct y4m_planes *s)
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
