/* portout: frames, plain bytes, or lines about pictures, to a program.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_PORTOUT_H
#define LINK_PORTOUT_H

#include <stddef.h>
#include <stdint.h>

struct portout {
	int fd; /* -1: the reader has gone */
	unsigned kinds; /* LANE_KINDs of frames written here */
	int plain; /* only the payloads of b */
	int lines; /* `k` and `r KBIT` instead of frames */
	int live; /* late data is useless, so the end does not wait for it */
	size_t wide; /* bytes its pipe holds; 0: write PIPE_BUF at a time */
	uint8_t buf[65536];
	size_t at, n;
};

/* Begin with an open descriptor.  wide: much data, the pipe may be long; live:
 * old data must not wait in it, the pipe becomes one page. */
void
portout_open(struct portout *p, int fd, int wide, int live);

/* Room for n bytes after those waiting, to be added to p->n; NULL if there is too
 * little. */
uint8_t *
portout_room(struct portout *p, size_t n);

/* When it polls writable or POLLERR: write what does not block.  0, or -1 and
 * errno. */
int
portout_write(struct portout *p);

#endif
