/* shown: frames on their way to the user as lines, never blocking.
 * SPDX-License-Identifier: ISC */
#ifndef SHOWN_H
#define SHOWN_H

#include "fault.h"
#include "show.h"
#include "whole.h"

enum shown_end { SHOWN_NO_END, SHOWN_FINISHED, SHOWN_HUNG_UP };

/* Begin with zeros, but for how. */
struct shown {
	struct show_how how;
	enum shown_end end; /* what the other side has said */
	int eof; /* and the frames are at their end too */
	struct whole whole;
	struct show show;
	uint8_t raw[16384];
	const uint8_t *p; /* what was read and is not yet used */
	size_t left;
	char buf[4096]; /* fits into a pipe that polls writable */
	size_t at, n; /* what waits is from at up to n */
};

/* Put the next of what is to be shown into s->buf, if nothing waits.  0, or -1
 * and a fault. */
int
shown_fill(struct shown *s, struct fault *f);

/* When fd polls readable and nothing waits: read once.  0, or -1 and a fault; a
 * frame stream that ends without an end is no fault here. */
int
shown_read(struct shown *s, int fd, struct fault *f);

/* When fd polls writable: write once what waits.  0; 1:
 * nobody reads it; -1 and a fault. */
int
shown_write(struct shown *s, int fd, struct fault *f);

#endif
