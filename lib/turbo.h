/* turbo: a camera's JPEG decoded by libturbojpeg.
 * SPDX-License-Identifier: ISC */
#ifndef TURBO_H
#define TURBO_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "planes.h"

struct turbo;

/* A decoder.  NULL and a fault. */
struct turbo *
turbo_new(struct fault *f);
void
turbo_free(struct turbo *t);

/* Decode a whole JPEG of n bytes to I420 of the range that video has (ITU-R
 * BT.601: black is 16, white 235), whatever its own subsampling; out is good
 * until the next.  1; 0: it is damaged, not YCbCr, or its size is not within
 * planes_fit: that is looked at before memory is taken. */
int
turbo_put(struct turbo *t, const uint8_t *p, size_t n, struct planes *out);

#endif
