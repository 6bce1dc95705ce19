/* flow: bytes from one socket to another through the kernel (splice(2)).
 * SPDX-License-Identifier: ISC */
#ifndef FLOW_H
#define FLOW_H

#include <stddef.h>

/* Pipes that no flow needs at the moment. */
struct flow_pool;

/* NULL: no memory. */
struct flow_pool *
flow_pool_new(void);

/* One direction.  Zeros are a new one.  It holds a pipe only while bytes wait
 * there. */
struct flow {
	int pipe[2]; /* [1] == 0: none */
	size_t held; /* bytes in it */
	int ended; /* the sender has shut down its side */
	int closed; /* and the receiver has been told */
};

enum flow_state {
	FLOW_LOST = -1, /* one of the two sockets is broken */
	FLOW_READ, /* nothing to read now */
	FLOW_WRITE, /* the receiver does not take more now */
	FLOW_AGAIN, /* neither: it has moved the `most` bytes */
	FLOW_END /* all is passed on, the end too */
};

/* Move what is there, at most `most` bytes; *moved becomes how many left for
 * the receiver. */
enum flow_state
flow_move(struct flow *f, struct flow_pool *pool, int from, int to, size_t most,
    size_t *moved);

/* Give up what it holds. */
void
flow_end(struct flow *f, struct flow_pool *pool);

#endif
