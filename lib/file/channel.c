/* channel: messages of fwire.h over two descriptors.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "file/channel.h"

void
channel_start(struct channel *p, int in, int out, int patient, const char *peer)
{
	p->in = in;
	p->out = out;
	p->patient = patient;
	p->peer = peer;
	p->splice = 1;
	/* Fewer and larger turns between the programs of the chain. */
	(void)fcntl(in, F_SETPIPE_SZ, CHANNEL_FILL);
	(void)fcntl(out, F_SETPIPE_SZ, CHANNEL_FILL);
}

int
channel_malformed(const struct channel *p, struct fault *f)
{
	return fault(
	    f, X_PEER, "%s sent a message that breaks the rules", p->peer);
}

int
channel_lost(const struct channel *p, int err, struct fault *f)
{
	if (err == 0 || err == EPIPE || err == ECONNRESET)
		return fault(f, X_PEER, "the session was broken off%s",
		    p->keeps ? ": what has arrived is kept" : "");
	errno = err;
	return fault_sys(
	    f, err == ETIMEDOUT ? X_TIME : X_SYS, "the session was lost");
}

/* Write n bytes of what is held, at once or from its front. */
static int
out(struct channel *p, size_t n)
{
	/* What came in before the end is still worth having. */
	if (!p->dead && io_write(p->out, p->obuf, n) == -1)
		p->dead = errno;
	p->held = p->dead ? 0 : p->held - n;
	memmove(p->obuf, p->obuf + n, p->held);
	return p->dead ? -1 : 0;
}

int
channel_flush(struct channel *p, struct fault *f)
{
	return out(p, p->held) == -1 ? channel_lost(p, p->dead, f) : 0;
}

/* Write a piece that cannot block, out having polled writable. */
static void
piece(struct channel *p)
{
	(void)out(p, p->held < PIPE_BUF ? p->held : PIPE_BUF);
}

void
channel_some(struct channel *p)
{
	struct pollfd pfd = {.fd = p->out, .events = POLLOUT};

	while (p->held > 0 && poll(&pfd, 1, 0) == 1)
		piece(p);
}

void
channel_turn(struct channel *p)
{
	struct pollfd pfd[2] = {
	    {.fd = p->in, .events = POLLIN}, {.fd = p->out, .events = POLLOUT}};

	while (p->held > 0 && !pfd[0].revents)
		if (poll(pfd, 2, -1) > 0 && pfd[1].revents)
			piece(p);
}

int
channel_fill(struct channel *p, size_t most, struct fault *f)
{
	ssize_t got;

	if (p->at > 0) {
		p->end -= p->at;
		memmove(p->ibuf, p->ibuf + p->at, p->end);
		p->at = 0;
	}
	channel_turn(p);
	if (most > CHANNEL_ROOM - p->end)
		most = CHANNEL_ROOM - p->end;
	got = io_read(p->in, p->ibuf + p->end, most);
	if (got <= 0)
		return channel_lost(p, got == 0 ? 0 : errno, f);
	p->end += (size_t)got;
	return 0;
}

uint8_t *
channel_room(struct channel *p, size_t n, struct fault *f)
{
	if (!p->patient && p->held >= CHANNEL_FILL && channel_flush(p, f) == -1)
		return NULL;
	if (p->held + n > CHANNEL_ROOM) {
		fault(f, X_PEER, "%s asks and does not listen", p->peer);
		return NULL;
	}
	return p->obuf + p->held;
}

int
channel_put(struct channel *p, const struct filemsg *m, struct fault *f)
{
	uint8_t *place = channel_room(p, FILEMSG_HEAD + FILEMSG_BODY, f);

	if (!place)
		return -1;
	if (!p->dead)
		p->held += filemsg_put(place, m);
	return 0;
}

/* The length of the message at ibuf + at, if it is complete; else 0. */
static size_t
complete(const struct channel *p, size_t at)
{
	int32_t n;

	if (p->end - at < FILEMSG_HEAD)
		return 0;
	n = filemsg_body(p->ibuf + at);
	if (n == -1 || p->end - at - FILEMSG_HEAD < (size_t)n)
		return 0;
	return FILEMSG_HEAD + (size_t)n;
}

int
channel_here(const struct channel *p)
{
	return complete(p, p->at) > 0;
}

/* The other side has said why it ends. */
static int
broken(struct channel *p, const struct filemsg *m, struct fault *f)
{
	p->heard = 1;
	return fault(f, m->kind == X_SYS ? X_SYS : X_PEER, "%s: %.*s", p->peer,
	    (int)m->rest_len, m->rest);
}

int
channel_get(struct channel *p, struct filemsg *m, struct fault *f)
{
	const uint8_t *head;
	size_t n;
	/* Between pieces of a large file only the next head is read, so that
	 * the piece itself can go by way of the kernel. */
	size_t most = p->bulk ? FILEMSG_HEAD : CHANNEL_ROOM;

	p->bulk = 0;
	while ((n = complete(p, p->at)) == 0) {
		if (p->end - p->at >= FILEMSG_HEAD &&
		    filemsg_body(p->ibuf + p->at) == -1)
			return channel_malformed(p, f);
		if (channel_fill(p, most, f) == -1)
			return -1;
		most = CHANNEL_ROOM;
	}
	head = p->ibuf + p->at;
	p->at += n;
	if (filemsg_get(m, head, head + FILEMSG_HEAD, n - FILEMSG_HEAD) == -1)
		return channel_malformed(p, f);
	if (m->type == FILEMSG_BYTES)
		p->raw = m->size;
	return m->type == FILEMSG_BROKEN ? broken(p, m, f) : 0;
}

int
channel_heed(struct channel *p, struct fault *f)
{
	struct pollfd pfd = {.fd = p->in, .events = POLLIN};
	struct filemsg m;
	const uint8_t *head;
	size_t at, n;

	if (poll(&pfd, 1, 0) != 1)
		return 0;
	if (p->end - p->at == CHANNEL_ROOM)
		return pfd.revents & POLLHUP ? channel_lost(p, 0, f) : 0;
	if (channel_fill(p, CHANNEL_ROOM, f) == -1)
		return -1;
	for (at = p->at; (n = complete(p, at)) > 0; at += n) {
		head = p->ibuf + at;
		if (*head == FILEMSG_BROKEN &&
		    filemsg_get(
		        &m, head, head + FILEMSG_HEAD, n - FILEMSG_HEAD) == 0)
			return broken(p, &m, f);
	}
	return 0;
}

int
channel_ready(struct channel *p, int ms)
{
	struct pollfd pfd = {.fd = p->in, .events = POLLIN};

	return p->end - p->at >= FILEMSG_HEAD || poll(&pfd, 1, ms) == 1;
}

int
channel_hello(struct channel *p, uint8_t kind, struct fault *f)
{
	struct filemsg m = {.type = FILEMSG_OPEN,
	    .kind = kind,
	    .rest = FILEMSG_HELLO,
	    .rest_len = sizeof(FILEMSG_HELLO) - 1};

	return channel_put(p, &m, f);
}

int
channel_met(struct channel *p, uint8_t kind, struct fault *f)
{
	struct filemsg m;

	if (channel_get(p, &m, f) == -1)
		return -1;
	if (m.type == FILEMSG_OPEN && m.rest_len == sizeof(FILEMSG_HELLO) - 1 &&
	    memcmp(m.rest, FILEMSG_HELLO, m.rest_len) == 0) {
		if (m.kind == kind)
			return 0;
		return fault(f, X_USE, "both sides %s: one has to %s",
		    kind == 'g' ? "send" : "receive",
		    kind == 'g' ? "receive" : "send");
	}
	return fault(f, X_PEER, "%s is not %s", p->peer,
	    kind == 'g' ? "receiving files (chat-file get)"
	                : "sending files (chat-file put)");
}

void
channel_part(struct channel *p, int ms, int word)
{
	int64_t until = clock_ms() + ms;
	ssize_t got;
	struct pollfd pfd[2] = {
	    {.fd = p->in, .events = POLLIN}, {.fd = p->out, .events = POLLOUT}};

	while (clock_ms() < until) {
		channel_some(p);
		if (p->held == 0 && pfd[1].fd != -1) {
			close(p->out);
			pfd[1].fd = -1;
		}
		if (poll(pfd, 2, io_left(until)) == -1 && errno != EINTR)
			break;
		if (!pfd[0].revents)
			continue;
		got = io_read(p->in, p->ibuf, CHANNEL_ROOM);
		if (got <= 0)
			break;
		if (word)
			until = clock_ms() + CHANNEL_SHORT;
		word = 0;
	}
}
