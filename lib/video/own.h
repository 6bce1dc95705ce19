/* own: the pictures one sends, small, for a corner of one's own window.
 * SPDX-License-Identifier: ISC */
#ifndef OWN_H
#define OWN_H

#include <stddef.h>
#include <stdint.h>

#include "wire/y4m.h"

/* They fit into that, in pixels. */
enum { OWN_WIDE = 320, OWN_HIGH = 240 };

struct own {
	int fd; /* -1: nobody reads them */
	size_t room; /* bytes that its pipe holds */
	unsigned w, h; /* of the small one that was written last */
	uint8_t *buf;
};

/* Begin with fd, a pipe, which is made as long as it must be; -1: with none. */
void
own_open(struct own *o, int fd);
void
own_free(struct own *o);

/* A picture, laid out as y4m_bytes has it: write a small one, its aspect kept, as
 * a part of a YUV4MPEG2 stream, if all before it has been read.  This never
 * waits.  It is not a fault if the reader goes away, or if a picture is too
 * oblong to be made small.  0; -1: no memory. */
int
own_give(struct own *o, const struct y4m *y, const uint8_t *pic);

#endif
