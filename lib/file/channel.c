/* channel: file messages (wire/filemsg.h) and file contents over two
 * descriptors.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "file/channel.h"

enum {
	ROOM = 512 << 10, /* bytes of each buffer */
	FILL = 256 << 10, /* write when so much waits */
	HEED = 64, /* hashed pieces between checks for a word of the peer */
	REASON = 2000, /* ms to wait for the peer's reason */
	TICK = 500 /* ms between calls of prog while waiting */
};

struct channel {
	int in, out;
	int patient;
	const char *peer;
	struct progress *prog;
	int keeps; /* a partial file stays when the session breaks */
	int dead; /* errno of out; in may still hold data */
	int heard; /* a FILEMSG_BROKEN has come */
	int splice; /* splice(2) may still work */
	size_t at, end; /* bytes in ibuf */
	size_t held; /* bytes in obuf */
	size_t raw; /* bytes of FILEMSG_DATA not yet taken */
	uint8_t ibuf[ROOM], obuf[ROOM];
};

struct channel *
channel_new(
    int in, int out, int patient, const char *peer, struct progress *prog)
{
	struct channel *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->prog = prog;
	c->in = in;
	c->out = out;
	c->patient = patient;
	c->peer = peer;
	c->splice = 1;
	/* Fewer switches; chat-open fills the first while we write to disk. */
	(void)fcntl(in, F_SETPIPE_SZ, 1 << 20);
	(void)fcntl(out, F_SETPIPE_SZ, FILL);
	return c;
}

void
channel_free(struct channel *c)
{
	free(c);
}

const char *
channel_peer(const struct channel *c)
{
	return c->peer;
}

void
channel_keeps(struct channel *c)
{
	c->keeps = 1;
}

int
channel_malformed(const struct channel *c, struct fault *f)
{
	return fault(
	    f, X_PEER, "%s sent a message that breaks the rules", c->peer);
}

/* Set the fault for the session's end: errno err, or 0 at end of file. */
static int
lost(const struct channel *c, int err, struct fault *f)
{
	const char *go_on =
	    c->keeps ? "; the same two commands go on where it stopped" : "";

	if (err == 0 || err == EPIPE || err == ECONNRESET)
		return fault(f, X_PEER, "the session was broken off%s", go_on);
	return fault(f, err == ETIMEDOUT ? X_TIME : X_SYS,
	    "the session was lost: %s%s", strerror(err), go_on);
}

/* Wait until one of n descriptors is ready. */
static void
await(struct channel *c, struct pollfd *p, nfds_t n)
{
	int r;

	while ((r = poll(p, n, c->prog->on ? TICK : -1)) <= 0)
		if (r == 0)
			progress_moved(c->prog, 0);
}

static int
write_all(struct channel *c, const uint8_t *p, size_t n)
{
	struct pollfd pfd = {.fd = c->out, .events = POLLOUT};
	ssize_t done;

	while (n > 0) {
		done = write(c->out, p, n);
		if (done == -1 && errno == EAGAIN)
			await(c, &pfd, 1);
		else if (done == -1 && errno != EINTR)
			return -1;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

/* Write the first n bytes of obuf. */
static int
out(struct channel *c, size_t n)
{
	/* Do not fail yet: input from before the end is still of use. */
	if (!c->dead && write_all(c, c->obuf, n) == -1)
		c->dead = errno;
	c->held = c->dead ? 0 : c->held - n;
	memmove(c->obuf, c->obuf + n, c->held);
	return c->dead ? -1 : 0;
}

int
channel_flush(struct channel *c, struct fault *f)
{
	return out(c, c->held) == -1 ? lost(c, c->dead, f) : 0;
}

/* Write a piece that cannot block, as out polled writable. */
static void
piece(struct channel *c)
{
	(void)out(c, c->held < PIPE_BUF ? c->held : PIPE_BUF);
}

void
channel_some(struct channel *c)
{
	struct pollfd pfd = {.fd = c->out, .events = POLLOUT};

	while (c->held > 0 && poll(&pfd, 1, 0) == 1)
		piece(c);
}

/* Room for up to n <= FILL bytes after those in obuf; NULL and a fault. */
static uint8_t *
room(struct channel *c, size_t n, struct fault *f)
{
	if (!c->patient && c->held >= FILL && channel_flush(c, f) == -1)
		return NULL;
	if (c->held + n > ROOM) {
		fault(f, X_PEER, "%s does not read our answers", c->peer);
		return NULL;
	}
	return c->obuf + c->held;
}

int
channel_put(struct channel *c, const struct filemsg *m, struct fault *f)
{
	uint8_t *place = room(c, FILEMSG_HEAD + FILEMSG_BODY, f);

	if (!place)
		return -1;
	if (!c->dead)
		c->held += filemsg_put(place, m);
	return 0;
}

int
channel_text(struct channel *c, uint8_t type, int kind, const char *text,
    struct fault *f)
{
	size_t n = strlen(text);
	struct filemsg m = {.type = type,
	    .kind = (uint64_t)kind,
	    .rest = text,
	    .rest_len = n < FILEMSG_TEXT ? n : FILEMSG_TEXT};

	/* A peer that does not read gets no more problems. */
	if (type == FILEMSG_PROBLEM && c->held > ROOM / 4)
		return 0;
	return channel_put(c, &m, f);
}

/* As splice(2), but wait while the pipe is full. */
static ssize_t
splice_out(struct channel *c, int fd, off_t *at, size_t n)
{
	struct pollfd pfd = {.fd = c->out, .events = POLLOUT};
	unsigned flags = SPLICE_F_MORE;
	ssize_t got;

	if (c->prog->on)
		flags |= SPLICE_F_NONBLOCK;
	for (;;) {
		got = splice(fd, at, c->out, NULL, n, flags);
		if (got != -1 || (errno != EINTR && errno != EAGAIN))
			return got;
		if (errno == EAGAIN)
			await(c, &pfd, 1);
	}
}

/* Splice some of n bytes of fd, from at on, to the peer.  How many: 0 at the
 * end of fd, -1 and errno; -2 and a fault if the session is over. */
static ssize_t
send_some(struct channel *c, int fd, off_t at, size_t n, struct fault *f)
{
	ssize_t got;

	if (c->splice && n >= FILL / 4) {
		if (channel_flush(c, f) == -1)
			return -2;
		got = splice_out(c, fd, &at, n);
		if (got == -1 && errno == EPIPE) {
			c->dead = errno;
			lost(c, c->dead, f);
			return -2;
		}
		if (got != -1 || errno != EINVAL)
			return got;
		c->splice = 0;
	}
	n = n < FILL ? n : FILL;
	if (!room(c, n, f))
		return -2;
	got = pread(fd, c->obuf + c->held, n, at);
	if (got > 0)
		c->held += (size_t)got;
	return got;
}

ssize_t
channel_send(struct channel *c, int fd, off_t at, size_t n, struct fault *f)
{
	size_t sent = 0, left, most;
	ssize_t got = 1;
	uint8_t *place;
	int err;

	while (sent < n && got > 0) {
		got = send_some(c, fd, at + (off_t)sent, n - sent, f);
		if (got == -2)
			return -1;
		if (got > 0)
			sent += (size_t)got;
	}
	err = got == -1 ? errno : 0;
	for (left = n - sent; left > 0; left -= most) {
		most = left < FILL ? left : FILL;
		if (!(place = room(c, most, f)))
			return -1;
		memset(place, 0, most);
		c->held += most;
	}
	errno = err;
	return (ssize_t)sent;
}

/* Before a read that may block: write what waits, until there is input. */
static void
turn(struct channel *c)
{
	struct pollfd pfd[2] = {
	    {.fd = c->in, .events = POLLIN}, {.fd = c->out, .events = POLLOUT}};

	while (!pfd[0].revents && (c->held > 0 || c->prog->on)) {
		await(c, pfd, c->held > 0 ? 2 : 1);
		if (c->held > 0 && pfd[1].revents)
			piece(c);
	}
}

/* Read into ibuf.  0, or -1 and a fault, also at the end. */
static int
fill(struct channel *c, struct fault *f)
{
	ssize_t got;

	if (c->at > 0) {
		c->end -= c->at;
		memmove(c->ibuf, c->ibuf + c->at, c->end);
		c->at = 0;
	}
	turn(c);
	got = io_read(c->in, c->ibuf + c->end, ROOM - c->end);
	if (got <= 0)
		return lost(c, got == 0 ? 0 : errno, f);
	c->end += (size_t)got;
	return 0;
}

/* The length of the message at ibuf + at if it is complete, else 0. */
static size_t
complete(const struct channel *c, size_t at)
{
	int32_t n;

	if (c->end - at < FILEMSG_HEAD)
		return 0;
	n = filemsg_body(c->ibuf + at);
	if (n == -1 || c->end - at - FILEMSG_HEAD < (size_t)n)
		return 0;
	return FILEMSG_HEAD + (size_t)n;
}

int
channel_here(const struct channel *c)
{
	return complete(c, c->at) > 0;
}

int
channel_holds(const struct channel *c, uint64_t n)
{
	return c->end - c->at >= n;
}

/* Set the fault that the peer sent as its reason for ending. */
static int
broken(struct channel *c, const struct filemsg *m, struct fault *f)
{
	c->heard = 1;
	return fault(f, m->kind == X_SYS ? X_SYS : X_PEER, "%s: %.*s", c->peer,
	    (int)m->rest_len, m->rest);
}

int
channel_get(struct channel *c, struct filemsg *m, struct fault *f)
{
	const uint8_t *head;
	size_t n;

	while ((n = complete(c, c->at)) == 0) {
		if (c->end - c->at >= FILEMSG_HEAD &&
		    filemsg_body(c->ibuf + c->at) == -1)
			return channel_malformed(c, f);
		if (fill(c, f) == -1)
			return -1;
	}
	head = c->ibuf + c->at;
	c->at += n;
	if (filemsg_get(m, head, head + FILEMSG_HEAD, n - FILEMSG_HEAD) == -1)
		return channel_malformed(c, f);
	if (m->type == FILEMSG_DATA)
		c->raw = m->size;
	return m->type == FILEMSG_BROKEN ? broken(c, m, f) : 0;
}

int
channel_hear(struct channel *c, struct filemsg *m, struct fault *f)
{
	while (channel_get(c, m, f) == 0) {
		if (m->type != FILEMSG_PROBLEM)
			return 0;
		progress_say(
		    c->prog, "%s: %.*s", c->peer, (int)m->rest_len, m->rest);
	}
	return -1;
}

ssize_t
channel_take(struct channel *c, int fd, struct fault *f)
{
	size_t n;

	if (c->raw == 0)
		return 0;
	/* splice(2) would lock the pipe, so that chat-open waits, while it
	 * writes. */
	if (c->at == c->end && fill(c, f) == -1)
		return -1;
	n = c->end - c->at;
	n = n < c->raw ? n : c->raw;
	c->at += n;
	c->raw -= n;
	if (fd != -1 && io_write(fd, c->ibuf + c->at - n, n) == -1)
		return -2;
	return (ssize_t)n;
}

int
channel_ready(struct channel *c, int ms)
{
	struct pollfd pfd = {.fd = c->in, .events = POLLIN};

	return c->end - c->at >= FILEMSG_HEAD || poll(&pfd, 1, ms) == 1;
}

int
channel_heed(struct channel *c, struct fault *f)
{
	struct pollfd pfd = {.fd = c->in, .events = POLLIN};
	struct filemsg m;
	const uint8_t *head;
	size_t at, n;

	if (poll(&pfd, 1, 0) != 1)
		return 0;
	if (c->end - c->at == ROOM)
		return pfd.revents & POLLHUP ? lost(c, 0, f) : 0;
	if (fill(c, f) == -1)
		return -1;
	for (at = c->at; (n = complete(c, at)) > 0; at += n) {
		head = c->ibuf + at;
		if (*head == FILEMSG_BROKEN &&
		    filemsg_get(
		        &m, head, head + FILEMSG_HEAD, n - FILEMSG_HEAD) == 0)
			return broken(c, &m, f);
	}
	return 0;
}

int
channel_sum(struct channel *c, int fd, uint64_t n,
    uint8_t out[static HASH_BYTES], struct fault *f)
{
	static uint8_t buf[FILL];
	struct hash h;
	uint64_t at = 0;
	ssize_t got = 1;
	unsigned i;

	hash_begin(&h);
	for (i = 1; at < n && got > 0; i++) {
		got = pread(fd, buf,
		    n - at < sizeof(buf) ? (size_t)(n - at) : sizeof(buf),
		    (off_t)at);
		if (got > 0) {
			hash_add(&h, buf, (size_t)got);
			at += (uint64_t)got;
		}
		/* Notice early that the peer has gone. */
		if (i % HEED == 0 && channel_heed(c, f) == -1)
			return -1;
	}
	hash_end(&h, out);
	return at == n;
}

int
channel_hello(struct channel *c, uint8_t kind, struct fault *f)
{
	struct filemsg m = {.type = FILEMSG_FIRST,
	    .kind = kind,
	    .rest = FILEMSG_HELLO,
	    .rest_len = sizeof(FILEMSG_HELLO) - 1};

	return channel_put(c, &m, f);
}

int
channel_met(struct channel *c, uint8_t kind, struct fault *f)
{
	struct filemsg m;

	if (channel_get(c, &m, f) == -1)
		return -1;
	if (m.type == FILEMSG_FIRST &&
	    m.rest_len == sizeof(FILEMSG_HELLO) - 1 &&
	    memcmp(m.rest, FILEMSG_HELLO, m.rest_len) == 0) {
		if (m.kind == kind)
			return 0;
		return fault(f, X_USE, "both sides %s: one has to %s",
		    kind == 'g' ? "send" : "receive",
		    kind == 'g' ? "receive" : "send");
	}
	return fault(f, X_PEER, "%s is not %s", c->peer,
	    kind == 'g' ? "receiving files (chat-file get)"
	                : "sending files (chat-file put)");
}

int
channel_part(struct channel *c, int ms, int word)
{
	int64_t until = clock_ms() + ms;
	ssize_t got;
	struct pollfd pfd[2] = {
	    {.fd = c->in, .events = POLLIN}, {.fd = c->out, .events = POLLOUT}};

	while (clock_ms() < until) {
		channel_some(c);
		if (c->held == 0 && pfd[1].fd != -1) {
			close(c->out);
			pfd[1].fd = -1;
		}
		if (poll(pfd, 2, io_left(until)) == -1 && errno != EINTR)
			break;
		if (!pfd[0].revents)
			continue;
		got = io_read(c->in, c->ibuf, ROOM);
		if (got <= 0)
			break;
		if (word)
			until = clock_ms() + CHANNEL_SHORT;
		word = 0;
	}
	return c->held == 0 && !c->dead;
}

void
channel_fail(struct channel *c, struct fault *f)
{
	struct fault why = *f; /* the reason, if it was heard before */
	struct filemsg m;

	while (c->dead && !c->heard && channel_ready(c, REASON) &&
	       channel_get(c, &m, &why) == 0)
		;
	if (c->dead && c->heard)
		*f = why;
	if (c->heard)
		(void)channel_part(c, CHANNEL_SHORT, 0);
}
