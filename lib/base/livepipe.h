/* livepipe: pictures into and out of pipes that hide none.
 * SPDX-License-Identifier: ISC */
#ifndef LIVEPIPE_H
#define LIVEPIPE_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

/* Make a pipe, either end of it, no longer than one page, so that it polls
 * writable exactly when it is empty.  Nothing for what is no pipe. */
void
livepipe_pipe(int fd);

/* Does what is between them happen now: does it come from no file, and go into
 * a pipe or socket?  Only then may pictures be dropped.  1 or 0. */
int
livepipe_now(int in, int out);

enum { LIVEPIPE_HEAD = 512 }; /* most bytes before a picture */

/* One picture on its way into a descriptor.  Newest wins: while one is going
 * out its owner keeps the newest of those that come, and starts that one when
 * the last has left the pipe. */
struct live {
	int fd;
	size_t piece; /* most bytes that do not block once it polls writable */
	size_t wide; /* bytes a wide pipe holds; 0: it is not wide */
	const uint8_t *body;
	size_t hn, hat, bn, bat;
	uint8_t head[LIVEPIPE_HEAD];
};

/* Begin with fd.  A pipe is made one page (livepipe_pipe), so that a picture may be
 * started when it polls writable; that is for small, coded ones. */
void
livepipe_open(struct live *l, int fd);

/* The same for large pictures: a pipe is made as long as it may be, since one
 * page would have writer and reader take turns hundreds of times a picture, and
 * each turn may wait for a processor.  It still never holds but one picture.
 * What poll tells of such a pipe is not enough: use livepipe_poll. */
void
livepipe_open_wide(struct live *l, int fd);

/* Fill in p for poll(2), have being whether a picture waits to be started, and
 * return the timeout to give it: ms, or less.  When there are revents then,
 * start the picture if nothing is under way, and step; if there is nothing to
 * start, or events is 0, the reader has gone. */
int
livepipe_poll(const struct live *l, int have, struct pollfd *p, int ms);

/* Nobody reads from fd any more, and there is nothing to write that would tell:
 * SIGPIPE, as a write would; if it is ignored or blocked -1 and errno. */
int
livepipe_gone(int fd);

/* Is a picture under way?  1 or 0. */
int
livepipe_busy(const struct live *l);

/* A picture: hn bytes of head, at most LIVEPIPE_HEAD, which are copied, and bn
 * bytes of body, which stay the caller's and as they are until it is out.
 * Nothing may be under way. */
void
livepipe_start(struct live *l, const void *head, size_t hn, const uint8_t *body,
    size_t bn);

/* When fd polls writable (or POLLERR): write what does not block.  1: the
 * picture is out; 0: some of it is left; -1 and errno. */
int
livepipe_step(struct live *l);

#endif
