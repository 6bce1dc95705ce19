/* portin: where a program's frames, or plain bytes, come from.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_PORTIN_H
#define LINK_PORTIN_H

#include "base/fault.h"
#include "wire/frame.h"

struct portin {
	int fd; /* -1: it has ended */
	int plain; /* bytes that are cut into b frames here */
	uint32_t number; /* of the next b frame */
	uint64_t time; /* us since 1970, when they were read */
	uint8_t buf[65536];
	size_t at, n;
};

/* Is there room to read, and no frame that has not been used? */
int
portin_wants(const struct portin *p);

/* Read once.  1; 0 at the end; -1 and a fault. */
int
portin_read(struct portin *p, struct fault *f);

/* The next whole frame, and where its payload is.  1; 0: it is not there yet;
 * -1 and a fault: it is malformed. */
int
portin_frame(struct portin *p, struct frame *out, const uint8_t **payload,
    struct fault *f);

/* That frame is used. */
void
portin_next(struct portin *p, const struct frame *used);

#endif
