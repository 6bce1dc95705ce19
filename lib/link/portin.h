/* portin: frames, or plain bytes, from a program.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_PORTIN_H
#define LINK_PORTIN_H

#include "base/fault.h"
#include "wire/frame.h"

struct portin {
	int fd; /* -1: the input has ended */
	int plain; /* plain bytes, which are cut into b frames here */
	uint32_t number; /* of the next b frame */
	uint64_t time; /* us since 1970, of the read */
	uint8_t buf[65536];
	size_t at, n;
};

/* Is there room to read, with all frames used? */
int
portin_wants(const struct portin *p);

/* Read once.  1; 0 at the end; -1 and a fault. */
int
portin_read(struct portin *p, struct fault *f);

/* Find the next whole frame and its payload.  1; 0: not yet; -1 and a fault:
 * malformed. */
int
portin_frame(struct portin *p, struct frame *out, const uint8_t **payload,
    struct fault *f);

/* That frame was used. */
void
portin_next(struct portin *p, const struct frame *used);

#endif
