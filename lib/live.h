/* live: pictures into and out of pipes that hide none.
 * SPDX-License-Identifier: ISC */
#ifndef LIVE_H
#define LIVE_H

#include <stddef.h>
#include <stdint.h>

/* Make a pipe, either end of it, no longer than one page, so that it polls
 * writable exactly when it is empty.  Nothing for what is no pipe. */
void
live_pipe(int fd);

/* Does what is between them happen now: does it come from no file, and go into
 * a pipe or socket?  Only then may pictures be dropped.  1 or 0. */
int
live_now(int in, int out);

enum { LIVE_HEAD = 512 }; /* most bytes before a picture */

/* One picture on its way into a descriptor.  Newest wins: while one is going
 * out its owner keeps the newest of those that come, and starts that one when
 * the descriptor polls writable and nothing is under way. */
struct live {
	int fd;
	size_t piece; /* most bytes that do not block once it polls writable */
	const uint8_t *body;
	size_t hn, hat, bn, bat;
	uint8_t head[LIVE_HEAD];
};

/* Begin with fd, on which live_pipe is done. */
void
live_open(struct live *l, int fd);

/* Is a picture under way?  1 or 0. */
int
live_busy(const struct live *l);

/* A picture: hn bytes of head, at most LIVE_HEAD, which are copied, and bn
 * bytes of body, which stay the caller's and as they are until it is out.
 * Nothing may be under way. */
void
live_start(struct live *l, const void *head, size_t hn, const uint8_t *body,
    size_t bn);

/* When fd polls writable (or POLLERR): write what does not block.  1: the
 * picture is out; 0: some of it is left; -1 and errno. */
int
live_step(struct live *l);

#endif
