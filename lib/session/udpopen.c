/* udpopen: open datagram records to frames, for a session on UDP.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "session/udpopen.h"
#include "wire/frame.h"

enum {
	SEALED = FRAME_MAX + DATAGRAM_OVERHEAD,
	ROOM = 64 << 10, /* most bytes that one recvmsg(2) gives */
	LOST_MS = 15000, /* without a keepalive, the peer is lost */
	AFTER_MS = 250, /* other frames may arrive after e */
	RECEIVE_BUFFER = 1 << 20, /* the kernel doubles it */
	WAITING = 4096 /* about as many recvmsg(2) as empty that buffer */
};

struct receiver {
	struct datagram_in *p;
	struct udpopen_count *count;
	uint8_t in[ROOM], plain[ROOM];
	size_t n; /* bytes in plain */
	int64_t ended; /* clock_ms() when e came; 0: not yet */
	int alive;
};

/* One datagram. */
static void
take(struct receiver *r, const uint8_t *in, size_t n)
{
	uint8_t *at = r->plain + r->n;
	struct frame f;
	ssize_t got;

	/* No datagram may be longer, so plain always has room. */
	if (n > SEALED) {
		r->count->false_++;
		return;
	}
	got = datagram_open(r->p, at, in, n);
	if (got < 0) {
		r->count->old += got == DATAGRAM_OLD;
		r->count->false_ += got == DATAGRAM_FALSE;
		return;
	}
	r->alive = 1;
	if (got == 0) {
		r->count->signs++;
		return;
	}
	if (got < FRAME_HEAD || frame_get(&f, at) == -1 ||
	    got != FRAME_HEAD + f.len) {
		r->count->false_++;
		return;
	}
	if (f.kind == FRAME_END && r->ended)
		return;
	r->count->frames++;
	r->n += (size_t)got;
	if (f.kind == FRAME_END)
		r->ended = clock_ms();
}

/* Read a datagram, or several of one size, by recvmsg(2).  0; 1: an empty one;
 * -1 and errno. */
static int
receive(struct receiver *r, int in)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {r->in, sizeof(r->in)};
	struct msghdr msg = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control.buf,
	    .msg_controllen = sizeof(control.buf)};
	struct cmsghdr *c;
	size_t at, part;
	ssize_t n;
	int size;

	n = recvmsg(in, &msg, MSG_DONTWAIT);
	if (n == -1)
		return -1;
	part = n > 0 ? (size_t)n : 1;
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
			memcpy(&size, CMSG_DATA(c), sizeof(size));
			part = size > 0 ? (size_t)size : part;
		}
	for (at = 0; at < (size_t)n; at += part)
		take(r, r->in + at,
		    (size_t)n - at < part ? (size_t)n - at : part);
	return n == 0;
}

int
udpopen_frames(struct datagram_in *p, int in, int out, const char *who,
    int64_t silence, struct udpopen_count *count, struct fault *f)
{
	static struct receiver r;
	struct pollfd pfd[2] = {{.fd = in, .events = POLLIN}, {.fd = out}};
	int64_t end = clock_ms() + LOST_MS;
	int64_t quiet = silence ? clock_ms() + silence : INT64_MAX;
	int waiting = WAITING, none, got;

	r = (struct receiver){.p = p, .count = count};
	(void)fd_option(in, SOL_UDP, UDP_GRO, 1);
	(void)fd_option(in, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
	for (;;) {
		if (poll(pfd, 2, io_left(end < quiet ? end : quiet)) == -1 &&
		    errno != EINTR)
			return fault_sys(f, X_SYS, "poll");
		if (pfd[1].revents & POLLERR) {
			if (r.ended)
				return 0;
			raise(SIGPIPE);
		}
		r.alive = 0;
		r.n = 0;
		got = receive(&r, in);
		none = got == -1;
		/* On a connection, as a test may use, datagrams do end. */
		if (got == 1 && pfd[0].revents & POLLHUP)
			return r.ended ? 0
			               : fault(f, X_PEER,
			                     "the line to %s was cut", who);
		if (none) {
			count->refused += errno == ECONNREFUSED;
			if (errno == EBADF || errno == ENOTSOCK ||
			    errno == ENOTCONN)
				return fault_sys(f, X_SYS, "stdin");
			none = errno == EAGAIN;
		}
		if (r.n > 0 && io_write(out, r.plain, r.n) == -1)
			return r.ended && errno == EPIPE
			           ? 0
			           : fault_sys(f, X_SYS, "stdout");
		if (silence && r.n > 0)
			quiet = clock_ms() + silence;
		if (r.ended) {
			quiet = INT64_MAX;
			signal(SIGPIPE, SIG_IGN);
			end = r.ended + AFTER_MS;
			if (clock_ms() >= end)
				return 0;
		} else if (r.alive) {
			end = clock_ms() + LOST_MS;
			waiting = WAITING;
		} else if (clock_ms() >= end && (none || --waiting == 0)) {
			/* Not before reading: we may have been stopped. */
			return fault(f, X_TIME, "lost touch with %s", who);
		} else if (none && clock_ms() >= quiet) {
			return fault(f, X_TIME,
			    "nothing came from %s for %lld s", who,
			    (long long)silence / 1000);
		}
	}
}
