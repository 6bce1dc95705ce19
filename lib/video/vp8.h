/* vp8: pictures coded and decoded by libvpx, one in, one out.
 * SPDX-License-Identifier: ISC */
#ifndef VP8_H
#define VP8_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "wire/y4m.h"

struct vp8_enc;
struct vp8_dec;

/* What the coder makes of a picture; p is good until it is given another. */
struct vp8_coded {
	const uint8_t *p;
	size_t n; /* bytes; 0: it made nothing of this one */
	int key; /* can be decoded by itself */
};

/* A coder for I420 of w by h pixels, 16 to 8192 each, at that many kbit/s:
 * constant rate, nothing held back, every loss mended by the next key picture.
 * The first picture is a key picture, and those asked for are.  drop: rather
 * leave out a picture than be over the rate for long.  NULL and a fault. */
struct vp8_enc *
vp8_enc_new(unsigned w, unsigned h, unsigned kbit, int drop, struct fault *f);
void
vp8_enc_free(struct vp8_enc *e);

/* Code a picture, laid out as y4m_bytes has it.  time is when it was captured,
 * microseconds; only the differences count, and no difference does harm.  key:
 * make it a key picture.  0, or -1 and a fault. */
int
vp8_enc_put(struct vp8_enc *e, const uint8_t *i420, uint64_t time, int key,
    struct vp8_coded *out, struct fault *f);

/* A decoder.  NULL and a fault. */
struct vp8_dec *
vp8_dec_new(struct fault *f);
void
vp8_dec_free(struct vp8_dec *d);

/* Decode a picture of n bytes.  1: here it is, and it is right.  0: there is
 * none to show: it is damaged, or hangs on one that was; so it stays up to the
 * next key picture that is whole.  A key picture is begun only when its size is
 * within y4m_planes_fit, so that memory is bounded.  out is good until the decoder
 * is given another.  `hidden` is 1 when it was decoded but is not meant to be
 * shown. */
int
vp8_dec_put(struct vp8_dec *d, const uint8_t *p, size_t n,
    struct y4m_planes *out, int *hidden);

#endif
