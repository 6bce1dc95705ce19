/* vp8: code and decode pictures by libvpx, one in, one out.
 * SPDX-License-Identifier: ISC */
#ifndef VP8_H
#define VP8_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "wire/y4m.h"

struct vp8_enc;
struct vp8_dec;

/* A coded picture; p is valid until the next is coded. */
struct vp8_coded {
	const uint8_t *p;
	size_t n; /* bytes; 0: the picture was dropped */
	int key; /* can be decoded by itself */
};

/* A coder for I420 of w by h pixels, 16 to 8192 each, at kbit/s: constant rate,
 * no pictures held back, losses mended by the next key picture.  The first
 * picture and requested ones are key pictures.  drop: drop pictures rather than
 * exceed the rate for long.  NULL and a fault. */
struct vp8_enc *
vp8_enc_new(unsigned w, unsigned h, unsigned kbit, int drop, struct fault *f);
void
vp8_enc_free(struct vp8_enc *e);

/* From the next picture on, code at that many kbit/s.  0, or -1 and a fault. */
int
vp8_enc_rate(struct vp8_enc *e, unsigned kbit, struct fault *f);

/* Code a picture in y4m_bytes' layout.  time: its capture, microseconds; only
 * differences matter, and any are allowed.  key: make it a key picture.  0, or
 * -1 and a fault. */
int
vp8_enc_put(struct vp8_enc *e, const uint8_t *i420, uint64_t time, int key,
    struct vp8_coded *out, struct fault *f);

/* A decoder.  NULL and a fault. */
struct vp8_dec *
vp8_dec_new(struct fault *f);
void
vp8_dec_free(struct vp8_dec *d);

/* Decode a picture of n bytes.  1: it is in out, and right.  0: it is damaged,
 * or depends on a damaged one, as all do up to the next whole key picture.  A
 * key picture must be within y4m_planes_fit, which bounds memory.  out is valid
 * until the next call.  `hidden`: the picture is not meant to be shown. */
int
vp8_dec_put(struct vp8_dec *d, const uint8_t *p, size_t n,
    struct y4m_planes *out, int *hidden);

#endif
