/* jpegdec: a camera's JPEG decoded by libturbojpeg.
 * SPDX-License-Identifier: ISC */
#ifndef JPEGDEC_H
#define JPEGDEC_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "wire/y4m.h"

struct jpegdec;

/* A decoder.  NULL and a fault. */
struct jpegdec *
jpegdec_new(struct fault *f);
void
jpegdec_free(struct jpegdec *t);

/* Decode a whole JPEG of n bytes, of any subsampling, to I420 in the range of
 * video (ITU-R BT.601: black is 16, white 235); out is valid until the next.
 * 1; 0: damaged, not YCbCr, or not within y4m_planes_fit, which is checked
 * before memory is taken. */
int
jpegdec_put(
    struct jpegdec *t, const uint8_t *p, size_t n, struct y4m_planes *out);

#endif
