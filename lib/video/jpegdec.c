/* jpegdec: a camera's JPEG decoded by libturbojpeg.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include <turbojpeg.h>

#include "base/buf.h"
#include "video/jpegdec.h"

struct jpegdec {
	tjhandle tj;
	uint8_t *raw, *out; /* planes as in the JPEG; as I420 */
	size_t rawroom, outroom;
	uint8_t luma[256], chroma[256]; /* from JPEG's range to video's */
};

struct jpegdec *
jpegdec_new(struct fault *f)
{
	struct jpegdec *t = calloc(1, sizeof(*t));
	int i;

	if (!t || !(t->tj = tjInitDecompress())) {
		fault(f, X_SYS, "libturbojpeg has no decoder for us");
		free(t);
		return NULL;
	}
	for (i = 0; i < 256; i++) {
		t->luma[i] = (uint8_t)(16 + (i * 219 + 127) / 255);
		t->chroma[i] = (uint8_t)(16 + (i * 224 + 127) / 255);
	}
	return t;
}

void
jpegdec_free(struct jpegdec *t)
{
	if (!t)
		return;
	tjDestroy(t->tj);
	free(t->raw);
	free(t->out);
	free(t);
}

/* Scale a plane of w by h to ow by oh, averaging or repeating, and map its
 * values. */
static void
fit(uint8_t *out, unsigned ow, unsigned oh, const uint8_t *in, unsigned w,
    unsigned h, const uint8_t map[static 256])
{
	const uint8_t *a, *b;
	unsigned x, y, l, r;
	int down = h > oh;

	for (y = 0; y < oh; y++) {
		a = in + (size_t)w * (down ? 2 * y : y * h / oh);
		b = down && 2 * y + 1 < h ? a + w : a;
		if (w == ow)
			for (x = 0; x < ow; x++)
				*out++ = map[(a[x] + b[x] + 1) / 2];
		else
			for (x = 0; x < ow; x++) {
				l = w > ow ? 2 * x : x * w / ow;
				r = w > ow && l + 1 < w ? l + 1 : l;
				*out++ =
				    map[(a[l] + a[r] + b[l] + b[r] + 2) / 4];
			}
	}
}

int
jpegdec_put(
    struct jpegdec *t, const uint8_t *p, size_t n, struct y4m_planes *out)
{
	int w, h, sub, space, i, pw[3], ph[3], planes;
	size_t want = 0;
	uint8_t *raw[3] = {0}, *at;
	unsigned ow, oh;

	if (tjDecompressHeader3(t->tj, p, n, &w, &h, &sub, &space) == -1 ||
	    (space != TJCS_YCbCr && space != TJCS_GRAY) || w < 0 || h < 0 ||
	    sub < 0 || !y4m_planes_fit((unsigned)w, (unsigned)h))
		return 0;
	planes = sub == TJSAMP_GRAY ? 1 : 3;
	for (i = 0; i < planes; i++) {
		pw[i] = tjPlaneWidth(i, w, sub);
		ph[i] = tjPlaneHeight(i, h, sub);
		want += (size_t)pw[i] * (size_t)ph[i];
	}
	out->w = (unsigned)w;
	out->h = (unsigned)h;
	ow = y4m_half(out->w);
	oh = y4m_half(out->h);
	if (buf_grow(&t->raw, &t->rawroom, want) == -1 ||
	    buf_grow(&t->out, &t->outroom,
	        (size_t)out->w * out->h + 2 * (size_t)ow * oh) == -1)
		return 0;
	for (i = 0, at = t->raw; i < planes; i++) {
		raw[i] = at;
		at += (size_t)pw[i] * (size_t)ph[i];
	}
	/* A warning means damage: drop the picture. */
	if (tjDecompressToYUVPlanes(t->tj, p, n, raw, w, pw, h,
	        TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) == -1)
		return 0;
	for (i = 0, at = t->out; i < 3; i++) {
		out->plane[i] = at;
		out->stride[i] = (int)(i ? ow : out->w);
		if (i == 0)
			/* The plane may be padded to whole blocks. */
			for (h = 0; h < (int)out->h; h++)
				for (w = 0; w < (int)out->w; w++)
					*at++ =
					    t->luma[raw[0][(size_t)h *
					                       (size_t)pw[0] +
					                   (size_t)w]];
		else if (planes == 3) {
			fit(at, ow, oh, raw[i], (unsigned)pw[i],
			    (unsigned)ph[i], t->chroma);
			at += (size_t)ow * oh;
		} else {
			memset(at, 128, (size_t)ow * oh);
			at += (size_t)ow * oh;
		}
	}
	return 1;
}
