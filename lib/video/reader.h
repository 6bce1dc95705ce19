/* reader: read pictures from a YUV4MPEG2 stream, newest first.
 * SPDX-License-Identifier: ISC */
#ifndef READER_H
#define READER_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "wire/y4m.h"

enum { READER_MORE, READER_PIC, READER_END };

struct reader {
	/* The last whole picture, valid until the next one. */
	struct y4m y4m;
	const uint8_t *pic; /* y4m_bytes of it; NULL: none yet */
	uint64_t time; /* its XT=, or 0 */
	uint64_t seen; /* clock_wall_us() when its first byte came */
	unsigned long dropped; /* by reader_newest */
	int may_be_empty; /* the owner's: a stream without a byte has ended well */

	/* The rest is private. */
	int fd, state;
	struct y4m coming;
	uint64_t coming_time, coming_seen;
	uint8_t *body[2];
	size_t room[2], at, in, end;
	unsigned filling;
	char buf[4096];
};

/* Begin with fd.  A pipe keeps its size: that is for its writer to choose. */
void
reader_open(struct reader *p, int fd);
void
reader_free(struct reader *p);

/* Wait at most ms (-1: for ever), and take what one read gives.  READER_PIC: a
 * picture is whole; READER_MORE: not yet; READER_END: the stream ended behind a
 * whole picture; -1 and a fault: it ended within one or before its first (98),
 * breaks a rule (98), or cannot be read (111).  A new YUV4MPEG2 line between
 * pictures changes their size.
 * With newest, where a picture is whole and the next one has begun to come, it
 * is the next one, and the first is dropped, unless the next does not come to
 * its end soon. */
int
reader_newest(struct reader *p, int newest, int ms, struct fault *f);

#endif
