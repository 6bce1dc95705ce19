/* jpeg: where a JPEG picture ends, without decoding it (ITU-T T.81, annex B).
 * SPDX-License-Identifier: ISC */
#ifndef JPEG_H
#define JPEG_H

#include <stddef.h>
#include <stdint.h>

/* How far a picture has been read; all zero before its first byte. */
struct jpeg {
	size_t at; /* bytes read; the picture's length when it is whole */
	unsigned w, h; /* pixels; 0 until its SOF marker was read */
	enum { JPEG_HEAD, JPEG_DATA, JPEG_TABLES } part; /* private */
};

/* Go on with a picture of which n bytes from its first, SOI, are at p now; p
 * may have moved, n may have grown.  1: it is whole, EOI being its last bytes,
 * and has a size and data; 0: there must be more of it; -1: it is no JPEG. */
int
jpeg_scan(struct jpeg *j, const uint8_t *p, size_t n);

#endif
