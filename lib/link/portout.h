/* portout: where a program's frames, its plain bytes, or lines about pictures go.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_PORTOUT_H
#define LINK_PORTOUT_H

#include <stddef.h>
#include <stdint.h>

struct portout {
	int fd; /* -1: nobody reads it any more */
	unsigned kinds; /* LANE_KINDs of frames that go there */
	int plain; /* the payloads of b alone */
	int lines; /* `k` and `r KBIT` instead of frames */
	size_t wide; /* bytes its pipe holds; 0: write PIPE_BUF at a time */
	uint8_t buf[65536];
	size_t at, n;
};

/* Begin with a descriptor that is open.  wide: much goes through it, its pipe may
 * be long; live: nothing may be old in it, its pipe is made a page. */
void
portout_open(struct portout *p, int fd, int wide, int live);

/* Room for n bytes more, at the end of what waits; NULL if there is none. */
uint8_t *
portout_room(struct portout *p, size_t n);

/* n bytes were put there. */
void
portout_add(struct portout *p, size_t n);

/* When it polls writable, or with POLLERR: write what does not block.  0, or -1
 * and errno. */
int
portout_write(struct portout *p);

#endif
