/* livepipe: pictures in and out of pipes, with at most one waiting in the pipe.
 * SPDX-License-Identifier: ISC */
#ifndef LIVEPIPE_H
#define LIVEPIPE_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

/* Shrink a pipe (either end) to one page, so that it polls writable exactly
 * when it is empty.  Other descriptors are left alone. */
void
livepipe_pipe(int fd);

/* 1 if pictures arrive as they happen: in is not a file, and out is a pipe or a
 * socket.  Only then may pictures be dropped.  Else 0. */
int
livepipe_now(int in, int out);

enum { LIVEPIPE_HEAD = 512 }; /* most bytes before a picture */

/* One picture being written to a descriptor.  Meanwhile its owner keeps only
 * the newest of those that come, and starts it when this one has left the
 * pipe. */
struct live {
	int fd;
	size_t piece; /* bytes that never block when it polls writable */
	size_t wide; /* bytes a wide pipe holds; 0: it is not wide */
	const uint8_t *body;
	size_t hn, hat, bn, bat;
	uint8_t head[LIVEPIPE_HEAD];
};

/* Begin with fd.  A pipe becomes one page long (livepipe_pipe), so that a
 * picture may start when it polls writable.  For small, coded pictures. */
void
livepipe_open(struct live *l, int fd);

/* As above for large pictures: the pipe becomes as long as allowed, because
 * with one page writer and reader would switch hundreds of times a picture, and
 * each switch may wait for a processor.  It still holds at most one picture.
 * poll(2) alone cannot tell when one may start: use livepipe_poll. */
void
livepipe_open_wide(struct live *l, int fd);

/* Fill in p for poll(2) and return the timeout to use: ms, or less.  have: a
 * picture waits to be started.  When there are revents, start that picture
 * unless one is under way, and step; with nothing to start, or with events 0,
 * revents mean that the reader has gone. */
int
livepipe_poll(const struct live *l, int have, struct pollfd *p, int ms);

/* fd's reader has gone, and no write would find out: raise SIGPIPE as a write
 * would; if it is ignored or blocked, -1 and errno. */
int
livepipe_gone(int fd);

/* Is a picture under way?  1 or 0. */
int
livepipe_busy(const struct live *l);

/* Start a picture: hn bytes of head, at most LIVEPIPE_HEAD, which are copied,
 * and bn bytes of body, which must stay unchanged in place until it is out.
 * None may be under way. */
void
livepipe_start(struct live *l, const void *head, size_t hn, const uint8_t *body,
    size_t bn);

/* When fd polls writable (or POLLERR): write what does not block.  1: the
 * picture is out; 0: not all of it; -1 and errno. */
int
livepipe_step(struct live *l);

#endif
