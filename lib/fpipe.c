/* fpipe: messages of fwire.h over two descriptors, and what is between them.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fpipe.h"
#include "io.h"
#include "tick.h"

int
fpipe_start(struct fpipe *p, int in, int out, int patient, struct fault *f)
{
	*p = (struct fpipe){
	    .in = in, .out = out, .patient = patient, .splice = 1};
	p->ibuf = malloc(FPIPE_ROOM);
	p->obuf = malloc(FPIPE_ROOM);
	if (!p->ibuf || !p->obuf)
		return fault_sys(f, X_SYS, "no memory");
	/* Fewer and larger turns between the programs of the chain. */
	(void)fcntl(in, F_SETPIPE_SZ, FPIPE_FILL);
	(void)fcntl(out, F_SETPIPE_SZ, FPIPE_FILL);
	return 0;
}

static int
ended(struct fault *f)
{
	if (errno == EPIPE || errno == ECONNRESET)
		return fault(f, X_PEER, "the session was broken off");
	return fault_sys(
	    f, errno == ETIMEDOUT ? X_TIME : X_SYS, "the session was lost");
}

int
fpipe_flush(struct fpipe *p, struct fault *f)
{
	if (p->dead)
		errno = EPIPE;
	if (p->dead || io_write(p->out, p->obuf, p->held) == -1) {
		p->dead = 1;
		return ended(f);
	}
	p->held = 0;
	return 0;
}

/* Write a piece that cannot block, out having polled writable. */
static void
piece(struct fpipe *p)
{
	size_t n = p->held < PIPE_BUF ? p->held : PIPE_BUF;

	/* What came in before the end is still worth having. */
	if (io_write(p->out, p->obuf, n) == -1) {
		p->dead = 1;
		n = p->held;
	}
	p->held -= n;
	memmove(p->obuf, p->obuf + n, p->held);
}

void
fpipe_some(struct fpipe *p)
{
	struct pollfd pfd = {.fd = p->out, .events = POLLOUT};

	while (p->held > 0 && poll(&pfd, 1, 0) == 1)
		piece(p);
}

/* Wait until there is something to read; write what can be written. */
static int
turn(struct fpipe *p, struct fault *f)
{
	struct pollfd pfd[2] = {
	    {.fd = p->in, .events = POLLIN}, {.fd = p->out, .events = POLLOUT}};

	if (!p->patient)
		return p->held > 0 ? fpipe_flush(p, f) : 0;
	while (p->held > 0) {
		if (poll(pfd, 2, -1) == -1) {
			if (errno == EINTR)
				continue;
			return fault_sys(f, X_SYS, "cannot wait");
		}
		if (pfd[1].revents)
			piece(p);
		if (pfd[0].revents)
			break;
	}
	return 0;
}

/* Read on.  1, 0 at the end, -1 and a fault. */
static int
fill(struct fpipe *p, size_t most, struct fault *f)
{
	ssize_t got;

	if (p->at > 0) {
		memmove(p->ibuf, p->ibuf + p->at, p->end - p->at);
		p->end -= p->at;
		p->at = 0;
	}
	if (turn(p, f) == -1)
		return -1;
	if (most > FPIPE_ROOM - p->end)
		most = FPIPE_ROOM - p->end;
	got = io_read(p->in, p->ibuf + p->end, most);
	if (got == -1)
		return ended(f);
	p->end += (size_t)got;
	return got > 0;
}

int
fpipe_put(struct fpipe *p, const struct fwire *m, struct fault *f)
{
	uint8_t *place = fpipe_place(p, FWIRE_HEAD + FWIRE_BODY, f);

	if (!place)
		return -1;
	if (!p->dead)
		p->held += fwire_put(place, m);
	return 0;
}

uint8_t *
fpipe_place(struct fpipe *p, size_t n, struct fault *f)
{
	if (p->patient && p->held + n > FPIPE_ROOM) {
		fault(f, X_PEER, "%s asks and does not listen", p->peer);
		return NULL;
	}
	if (!p->patient &&
	    (p->held >= FPIPE_FILL || p->held + n > FPIPE_ROOM) &&
	    fpipe_flush(p, f) == -1)
		return NULL;
	return p->obuf + p->held;
}

void
fpipe_added(struct fpipe *p, size_t n)
{
	p->held += n;
}

ssize_t
fpipe_send(struct fpipe *p, int fd, off_t *at, size_t n, struct fault *f)
{
	size_t left = n, most;
	ssize_t got;

	while (left > 0) {
		if (p->splice && left >= FPIPE_FILL / 4) {
			if (fpipe_flush(p, f) == -1)
				return -1;
			got = splice(fd, at, p->out, NULL, left, SPLICE_F_MORE);
			if (got == -1 && errno == EINTR)
				continue;
			if (got == -1 && errno == EINVAL) {
				p->splice = 0;
				continue;
			}
			if (got == -1 && errno == EPIPE) {
				p->dead = 1;
				return ended(f);
			}
		} else {
			most = left < FPIPE_FILL ? left : FPIPE_FILL;
			if (!fpipe_place(p, most, f))
				return -1;
			got = pread(fd, p->obuf + p->held, most, *at);
			if (got > 0) {
				*at += got;
				p->held += (size_t)got;
			}
		}
		if (got == -1)
			return -2;
		if (got == 0)
			break;
		left -= (size_t)got;
	}
	return (ssize_t)(n - left);
}

int
fpipe_zeros(struct fpipe *p, size_t n, struct fault *f)
{
	uint8_t *place;
	size_t most;

	for (; n > 0; n -= most) {
		most = n < FPIPE_FILL ? n : FPIPE_FILL;
		if (!(place = fpipe_place(p, most, f)))
			return -1;
		memset(place, 0, most);
		p->held += most;
	}
	return 0;
}

/* The length of the message at ibuf + at, if it is complete; else 0. */
static size_t
complete(const struct fpipe *p, size_t at)
{
	int32_t n;

	if (p->end - at < FWIRE_HEAD)
		return 0;
	n = fwire_body(p->ibuf + at);
	if (n == -1 || p->end - at - FWIRE_HEAD < (size_t)n)
		return 0;
	return FWIRE_HEAD + (size_t)n;
}

uint8_t
fpipe_peek(const struct fpipe *p)
{
	return complete(p, p->at) ? p->ibuf[p->at] : 0;
}

/* The other side has said why it ends. */
static int
broken(struct fpipe *p, const struct fwire *m, struct fault *f)
{
	p->heard = 1;
	return fault(f, m->kind == X_SYS ? X_SYS : X_PEER, "%s: %.*s", p->peer,
	    (int)m->rest_len, m->rest);
}

int
fpipe_heed(struct fpipe *p, struct fault *f)
{
	struct pollfd pfd = {.fd = p->in, .events = POLLIN};
	struct fwire m;
	size_t at, n;
	int got;

	if (poll(&pfd, 1, 0) != 1 || p->end - p->at == FPIPE_ROOM)
		return 0;
	got = fill(p, FPIPE_ROOM, f);
	if (got == -1)
		return -1;
	if (got == 0)
		return fault(f, X_PEER, "the session was broken off");
	for (at = p->at; (n = complete(p, at)) > 0; at += n)
		if (p->ibuf[at] == FWIRE_BROKEN &&
		    fwire_get(&m, p->ibuf + at, p->ibuf + at + FWIRE_HEAD,
		        n - FWIRE_HEAD) == 0)
			return broken(p, &m, f);
	return 0;
}

int
fpipe_ready(struct fpipe *p, int ms)
{
	struct pollfd pfd = {.fd = p->in, .events = POLLIN};

	return p->end - p->at >= FWIRE_HEAD || poll(&pfd, 1, ms) == 1;
}

int
fpipe_get(struct fpipe *p, struct fwire *m, struct fault *f)
{
	const uint8_t *head;
	int32_t n = 0;
	/* Between pieces of a large file only the next head is read, so that
	 * the piece itself can go by way of the kernel. */
	size_t have, most = p->bulk ? FWIRE_HEAD : FPIPE_ROOM;
	int got;

	p->bulk = 0;
	for (;; most = FPIPE_ROOM) {
		have = p->end - p->at;
		head = p->ibuf + p->at;
		if (have >= FWIRE_HEAD && (n = fwire_body(head)) == -1)
			break;
		if (have >= FWIRE_HEAD && have - FWIRE_HEAD >= (size_t)n) {
			p->at += FWIRE_HEAD + (size_t)n;
			if (fwire_get(m, head, head + FWIRE_HEAD, (size_t)n))
				break;
			if (m->type == FWIRE_BYTES)
				p->raw = m->size;
			return m->type == FWIRE_BROKEN ? broken(p, m, f) : 1;
		}
		got = fill(p, most, f);
		if (got == -1)
			return -1;
		if (got == 0 && have == 0)
			return 0;
		if (got == 0)
			return fault(f, X_PEER, "the session was broken off");
	}
	return fault(
	    f, X_PEER, "%s sent a message that breaks the rules", p->peer);
}

ssize_t
fpipe_take(struct fpipe *p, int fd, struct fault *f)
{
	size_t n;
	ssize_t got;
	int more = 1;

	if (p->at == p->end && p->splice && fd != -1) {
		if (turn(p, f) == -1)
			return -1;
		do
			got = splice(p->in, NULL, fd, NULL, p->raw, 0);
		while (got == -1 && errno == EINTR);
		if (got > 0) {
			p->raw -= (size_t)got;
			p->bulk = 1;
			return got;
		}
		more = got != 0;
		if (got == -1 && errno != EINVAL)
			return -2;
		p->splice = 0;
	}
	if (p->at == p->end && more)
		more = fill(p, FPIPE_ROOM, f);
	if (more == 0)
		return fault(f, X_PEER, "the session was broken off");
	if (more == -1)
		return -1;
	n = p->end - p->at;
	n = n < p->raw ? n : p->raw;
	p->at += n;
	p->raw -= n;
	if (fd != -1 && io_write(fd, p->ibuf + p->at - n, n) == -1)
		return -2;
	return (ssize_t)n;
}

void
fpipe_part(struct fpipe *p, int ms, int word)
{
	int64_t until = tick_ms() + ms;
	ssize_t got;
	struct pollfd pfd[2] = {
	    {.fd = p->in, .events = POLLIN}, {.fd = p->out, .events = POLLOUT}};

	while (tick_ms() < until) {
		fpipe_some(p);
		if (p->held == 0 && pfd[1].fd != -1) {
			close(p->out);
			pfd[1].fd = -1;
		}
		if (poll(pfd, 2, io_left(until)) == -1 && errno != EINTR)
			break;
		if (!pfd[0].revents)
			continue;
		got = io_read(p->in, p->ibuf, FPIPE_ROOM);
		if (got <= 0)
			break;
		if (word)
			until = tick_ms() + FPIPE_SHORT;
		word = 0;
	}
}

int
fpipe_gone(const struct fpipe *p)
{
	struct pollfd pfd = {.fd = p->in};

	return poll(&pfd, 1, 0) == 1;
}
