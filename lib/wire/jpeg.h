/* jpeg: where a JPEG picture ends, without decoding it (ITU-T T.81, annex B).
 * SPDX-License-Identifier: ISC */
#ifndef JPEG_H
#define JPEG_H

#include <stddef.h>
#include <stdint.h>

/* How far a picture was read; begin with zeros. */
struct jpeg {
	size_t at; /* bytes read; in the end the picture's length */
	unsigned w, h; /* pixels; 0 until its SOF marker was read */
	enum { JPEG_HEAD, JPEG_DATA, JPEG_TABLES } part; /* private */
};

/* Read on in a picture of which n bytes, from its first marker SOI on, are at
 * p; p may have moved and n grown.  1: it is whole, ends with EOI, and has a
 * size and data; 0: not whole yet; -1: not a JPEG. */
int
jpeg_scan(struct jpeg *j, const uint8_t *p, size_t n);

#endif
