/* pics: pictures from a YUV4MPEG2 stream on a descriptor, the newest first.
 * SPDX-License-Identifier: ISC */
#ifndef PICS_H
#define PICS_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "y4m.h"

enum { PICS_MORE, PICS_PIC, PICS_END };

struct pics {
	/* The last whole picture; good until the next one is. */
	struct y4m y4m;
	const uint8_t *pic; /* y4m_bytes of it; NULL: none yet */
	uint64_t time; /* its XT=, or 0 */
	uint64_t seen; /* tick_wall_us() when its first byte came */
	unsigned long dropped; /* by pics_newest */

	/* The rest is pics's own. */
	int fd, state;
	struct y4m coming;
	uint64_t coming_time, coming_seen;
	uint8_t *body[2];
	size_t room[2], at, in, end;
	unsigned filling;
	char buf[4096];
};

/* Begin with fd.  A pipe keeps its size, its writer's affair. */
void
pics_open(struct pics *p, int fd);
void
pics_free(struct pics *p);

/* Take what one read gives.  PICS_PIC: a picture is whole (there may be more in
 * the buffer); PICS_MORE: not yet; PICS_END: the stream ended behind a whole
 * picture; -1 and a fault: it ended within one or before its first (98), breaks
 * a rule (98), or cannot be read (111).  A new YUV4MPEG2 line between pictures
 * changes their size. */
int
pics_step(struct pics *p, struct fault *f);

/* Can pics_step do something without blocking, within ms?  1 or 0. */
int
pics_ready(const struct pics *p, int ms);

/* Wait for a picture.  newest: where another one has begun to come by then,
 * that one, and the first is dropped, unless it does not come to its end soon.
 * As pics_step, but never PICS_MORE. */
int
pics_newest(struct pics *p, int newest, struct fault *f);

#endif
