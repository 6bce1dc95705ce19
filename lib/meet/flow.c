/* flow: bytes from one socket to another through the kernel (splice(2)).
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "meet/flow.h"

enum {
	CHUNK = 1 << 20, /* the size of a pipe, where the kernel gives it */
	POOL = 256
};

struct flow_pool {
	int n, pipe[POOL][2];
};

struct flow_pool *
flow_pool_new(void)
{
	return calloc(1, sizeof(struct flow_pool));
}

static int
get_pipe(struct flow *f, struct flow_pool *pool)
{
	if (f->pipe[1])
		return 0;
	if (pool->n > 0) {
		pool->n--;
		f->pipe[0] = pool->pipe[pool->n][0];
		f->pipe[1] = pool->pipe[pool->n][1];
		return 0;
	}
	if (pipe2(f->pipe, O_CLOEXEC | O_NONBLOCK) == -1) {
		f->pipe[0] = f->pipe[1] = 0;
		return -1;
	}
	(void)fcntl(f->pipe[1], F_SETPIPE_SZ, CHUNK);
	return 0;
}

static void
put_pipe(struct flow *f, struct flow_pool *pool)
{
	if (!f->pipe[1])
		return;
	if (f->held == 0 && pool->n < POOL) {
		pool->pipe[pool->n][0] = f->pipe[0];
		pool->pipe[pool->n++][1] = f->pipe[1];
	} else {
		close(f->pipe[0]);
		close(f->pipe[1]);
	}
	f->pipe[0] = f->pipe[1] = 0;
}

/* Fill the pipe: FLOW_AGAIN if it holds bytes now. */
static enum flow_state
fill(struct flow *f, struct flow_pool *pool, int from, size_t most)
{
	ssize_t n;

	if (get_pipe(f, pool) == -1)
		return FLOW_LOST;
	n = splice(from, NULL, f->pipe[1], NULL, most < CHUNK ? most : CHUNK,
	    SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? FLOW_READ
		                                         : FLOW_LOST;
	if (n == 0) {
		f->ended = 1;
		return FLOW_END;
	}
	f->held = (size_t)n;
	return FLOW_AGAIN;
}

/* Empty it: FLOW_AGAIN if it is empty now. */
static enum flow_state
drain(struct flow *f, int to, size_t *moved)
{
	ssize_t n;

	while (f->held > 0) {
		n = splice(f->pipe[0], NULL, to, NULL, f->held,
		    SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
		if (n <= 0)
			return n == -1 && (errno == EAGAIN || errno == EINTR)
			           ? FLOW_WRITE
			           : FLOW_LOST;
		f->held -= (size_t)n;
		*moved += (size_t)n;
	}
	return FLOW_AGAIN;
}

static enum flow_state
move(struct flow *f, struct flow_pool *pool, int from, int to, size_t most,
    size_t *moved)
{
	enum flow_state s = drain(f, to, moved);

	while (s == FLOW_AGAIN && !f->ended && *moved < most) {
		s = fill(f, pool, from, most - *moved);
		if (s == FLOW_AGAIN)
			s = drain(f, to, moved);
	}
	if (!f->ended || f->held > 0 || s == FLOW_LOST)
		return s;
	if (!f->closed)
		(void)shutdown(to, SHUT_WR);
	f->closed = 1;
	return FLOW_END;
}

enum flow_state
flow_move(struct flow *f, struct flow_pool *pool, int from, int to, size_t most,
    size_t *moved)
{
	enum flow_state s;

	*moved = 0;
	s = move(f, pool, from, to, most, moved);
	if (f->held == 0)
		put_pipe(f, pool);
	return s;
}

void
flow_end(struct flow *f, struct flow_pool *pool)
{
	put_pipe(f, pool);
}
