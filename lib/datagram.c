/* datagram: frames to datagram records and back, for a session on UDP.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "datagram.h"
#include "frame.h"
#include "io.h"
#include "tick.h"

enum {
	SEALED = FRAME_MAX + PACKET_OVERHEAD,
	ROOM = 64 << 10, /* what one read or one call for the network takes */
	SEGMENTS = 64, /* datagrams that the kernel takes in one call */
	IDLE_MS = 500, /* a sign of life then */
	LOST_MS = 15000, /* no sign of life so long: lost */
	AFTER_MS = 250, /* e may have passed by others */
	SIGNAL_MS = 100,
	/* What waits there becomes stale; the kernel takes twice that. */
	SEND_BUFFER = 8 << 10,
	RECEIVE_BUFFER = 1 << 20,
	WAITING = 4096 /* calls that empty that, about */
};

/* The repeats of e: milliseconds after the first. */
static const int ends[] = {100, 300};

/* The sending side. */
struct sender {
	struct packet_out *p;
	struct datagram_count *count;
	int out, stale, single;
	int withheld; /* coded pictures, up to the next key */
	int64_t sent; /* tick_ms() */
	uint8_t buf[ROOM]; /* datagrams of one size, the last may be less */
	size_t at, size, n;
};

/* Send n bytes; size: as datagrams of that many each, 0: as one.  What the
 * network says of a datagram before this one is no reason to stop. */
static int
transmit(struct sender *s, uint8_t *p, size_t n, size_t size)
{
	union {
		char buf[CMSG_SPACE(sizeof(uint16_t))];
		struct cmsghdr align;
	} control = {0};
	struct iovec iov = {p, n};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	uint16_t segment = (uint16_t)size;
	struct cmsghdr *c;
	int tries;

	if (size > 0) {
		msg.msg_control = control.buf;
		msg.msg_controllen = sizeof(control.buf);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_UDP;
		c->cmsg_type = UDP_SEGMENT;
		c->cmsg_len = CMSG_LEN(sizeof(segment));
		memcpy(CMSG_DATA(c), &segment, sizeof(segment));
	}
	for (tries = 0; tries < 3; tries++) {
		if (sendmsg(s->out, &msg, MSG_NOSIGNAL) != -1)
			return 0;
		s->count->refused += errno == ECONNREFUSED;
		if (errno != EINTR && errno != ECONNREFUSED &&
		    errno != EHOSTUNREACH)
			break;
	}
	return -1;
}

/* Send what is in the buffer.  A datagram that cannot go is lost, as others
 * are; only a socket that is none is a failure. */
static int
flush(struct sender *s)
{
	size_t at = 0, n;
	int bad = 0;

	if (s->n > 1 && !s->single) {
		bad = transmit(s, s->buf, s->at, s->size) == -1;
		/* Not every way can have a batch cut by the kernel. */
		s->single = bad && (errno == EIO || errno == EINVAL ||
		                       errno == EMSGSIZE);
		at = s->single ? 0 : s->at;
	}
	for (; at < s->at; at += n) {
		n = s->at - at < s->size ? s->at - at : s->size;
		bad = transmit(s, s->buf + at, n, 0) == -1;
	}
	if (s->n > 0)
		s->sent = tick_ms();
	s->at = s->n = 0;
	return bad && (errno == EBADF || errno == ENOTSOCK ||
	                  errno == EDESTADDRREQ || errno == EPIPE)
	           ? -1
	           : 0;
}

/* Seal one datagram behind those that wait: the kernel cuts a batch where all
 * but the last are of one size. */
static int
put(struct sender *s, const uint8_t *plain, size_t n)
{
	size_t size = n + PACKET_OVERHEAD;

	if (s->n > 0 &&
	    (size > s->size || s->n == SEGMENTS || s->at + size > ROOM - 100 ||
	        s->size > FRAME_DGRAM + FRAME_HEAD + PACKET_OVERHEAD) &&
	    flush(s) == -1)
		return -1;
	if (s->n == 0)
		s->size = size;
	s->at += packet_seal(s->p, s->buf + s->at, plain, n);
	s->n++;
	return size < s->size ? flush(s) : 0;
}

static int
sign(struct sender *s)
{
	s->count->signs++;
	return put(s, NULL, 0) == -1 || flush(s) == -1 ? -1 : 0;
}

/* Is it too late for this frame?  1 or 0. */
static int
late(struct sender *s, const struct frame *f)
{
	uint64_t now = (uint64_t)tick_wall_us();
	int old = f->time < now && now - f->time > (uint64_t)s->stale * 1000;

	switch (f->kind) {
	case FRAME_JPEG:
	case FRAME_AUDIO:
		return old;
	case FRAME_IVF:
		/* A key picture begins anew, if its beginning goes. */
		if (s->withheld && (f->flags & FRAME_KEYPIC) && f->piece == 0)
			s->withheld = old;
		else if (old)
			s->withheld = 1;
		return s->withheld;
	default:
		return 0;
	}
}

static int
finish(struct sender *s, const uint8_t *e)
{
	size_t i;
	int64_t began = tick_ms();

	for (i = 0;; i++) {
		s->count->frames++;
		if (put(s, e, FRAME_HEAD) == -1 || flush(s) == -1)
			return -1;
		if (i == sizeof(ends) / sizeof(*ends))
			return 0;
		while (tick_ms() < began + ends[i])
			(void)poll(NULL, 0, io_left(began + ends[i]));
	}
}

/* Have the signals that end a call come by a descriptor, but those that the
 * caller ignores.  -1 and errno. */
static int
signals(void)
{
	static const int ending[] = {SIGHUP, SIGINT, SIGTERM};
	struct sigaction now;
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(ending) / sizeof(*ending); i++)
		if (sigaction(ending[i], NULL, &now) == 0 &&
		    now.sa_handler != SIG_IGN)
			sigaddset(&set, ending[i]);
	return sigprocmask(SIG_BLOCK, &set, NULL) == -1
	           ? -1
	           : signalfd(-1, &set, SFD_CLOEXEC);
}

/* Wait for frames on `in`.  1 or 0; -1 and errno: EINTR for a signal. */
static int
await(int in, int sig, int64_t until)
{
	struct pollfd p[2] = {
	    {.fd = in, .events = POLLIN}, {.fd = sig, .events = POLLIN}};
	int r;

	do
		r = poll(p, 2, io_left(until));
	while (r == -1 && errno == EINTR);
	if (r > 0 && p[1].revents) {
		errno = EINTR;
		return -1;
	}
	return r > 0 ? 1 : r;
}

/* Hang up: the other side is told the end, then the signal does its work. */
static void
hang_up(struct sender *s, int sig)
{
	struct frame f = {.kind = FRAME_END,
	    .flags = FRAME_HANGUP,
	    .pieces = 1,
	    .time = (uint64_t)tick_wall_us()};
	struct signalfd_siginfo which;
	uint8_t e[FRAME_HEAD];
	sigset_t set;

	frame_put(e, &f);
	(void)finish(s, e);
	if (io_read(sig, &which, sizeof(which)) != sizeof(which))
		return;
	sigemptyset(&set);
	sigaddset(&set, (int)which.ssi_signo);
	signal((int)which.ssi_signo, SIG_DFL);
	raise((int)which.ssi_signo);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* Seal the whole frames of n bytes at in.  How many bytes they were; -1 and
 * errno, EBADMSG for what is no frame; e is in *end then. */
static ssize_t
seal_frames(struct sender *s, const uint8_t *in, size_t n, const uint8_t **end)
{
	struct frame f;
	size_t at = 0;

	for (; n - at >= FRAME_HEAD; at += FRAME_HEAD + f.len) {
		if (frame_get(&f, in + at) == -1) {
			errno = EBADMSG;
			return -1;
		}
		if (n - at < (size_t)FRAME_HEAD + f.len)
			break;
		if (f.kind == FRAME_END) {
			*end = in + at;
			break;
		}
		if (late(s, &f)) {
			s->count->stale++;
			continue;
		}
		s->count->frames++;
		if (put(s, in + at, (size_t)FRAME_HEAD + f.len) == -1)
			return -1;
	}
	return flush(s) == -1 ? -1 : (ssize_t)at;
}

int
datagram_seal(struct packet_out *p, int in, int out, int stale,
    struct datagram_count *count, struct fault *f)
{
	static struct sender s;
	static uint8_t buf[ROOM];
	const uint8_t *end = NULL;
	int size = SEND_BUFFER, ready, sig = signals();
	size_t have = 0;
	ssize_t n;

	if (sig == -1)
		return fault_sys(f, X_SYS, "signals");
	s = (struct sender){.p = p, .count = count, .out = out, .stale = stale};
	/* The first at once: the other side's handshake may wait for one. */
	s.sent = tick_ms() - IDLE_MS;
	(void)setsockopt(out, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	while (!end) {
		if (tick_ms() >= s.sent + IDLE_MS && sign(&s) == -1)
			return fault_sys(f, X_SYS, "stdout");
		ready = await(in, sig, s.sent + IDLE_MS);
		if (ready == -1 && errno == EINTR)
			hang_up(&s, sig);
		if (ready == -1)
			return fault_sys(f, X_SYS, "poll");
		if (ready == 0)
			continue;
		n = io_read(in, buf + have, sizeof(buf) - have);
		if (n == -1)
			return fault_sys(f, X_SYS, "stdin");
		/* Who wrote may have died by a signal that is about to come. */
		if (n == 0 && await(-1, sig, tick_ms() + SIGNAL_MS) == -1 &&
		    errno == EINTR)
			hang_up(&s, sig);
		if (n == 0)
			return fault(f, X_SYS,
			    "the frames on stdin broke off before their end");
		have += (size_t)n;
		n = seal_frames(&s, buf, have, &end);
		if (n == -1 && errno == EBADMSG)
			return fault(f, X_PEER, "what came is no frame");
		if (n == -1)
			return fault_sys(f, X_SYS, "stdout");
		if (end)
			break;
		have -= (size_t)n;
		memmove(buf, buf + n, have);
	}
	return finish(&s, end) == -1 ? fault_sys(f, X_SYS, "stdout") : 0;
}

/* The receiving side. */
struct receiver {
	struct packet_in *p;
	struct datagram_count *count;
	uint8_t in[ROOM], plain[ROOM];
	size_t n; /* bytes of plain */
	int64_t ended; /* tick_ms() of e; 0: not yet */
	int alive;
};

/* One datagram. */
static void
take(struct receiver *r, const uint8_t *in, size_t n)
{
	uint8_t *at = r->plain + r->n;
	struct frame f;
	ssize_t got;

	/* Nothing longer is ever sent; and what comes out is never more. */
	if (n > SEALED) {
		r->count->false_++;
		return;
	}
	got = packet_open(r->p, at, in, n);
	if (got < 0) {
		r->count->old += got == PACKET_OLD;
		r->count->false_ += got == PACKET_FALSE;
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
		r->ended = tick_ms();
}

/* What one call to the network gives: a datagram, or several of one size.  0,
 * or -1 and errno. */
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
	return 0;
}

int
datagram_open(struct packet_in *p, int in, int out, const char *who,
    struct datagram_count *count, struct fault *f)
{
	static struct receiver r;
	struct pollfd pfd[2] = {{.fd = in, .events = POLLIN}, {.fd = out}};
	int64_t end = tick_ms() + LOST_MS;
	int on = 1, size = RECEIVE_BUFFER, waiting = WAITING, none;

	r = (struct receiver){.p = p, .count = count};
	(void)setsockopt(in, SOL_UDP, UDP_GRO, &on, sizeof(on));
	(void)setsockopt(in, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	for (;;) {
		if (poll(pfd, 2, io_left(end)) == -1 && errno != EINTR)
			return fault_sys(f, X_SYS, "poll");
		if (pfd[1].revents & POLLERR) {
			if (r.ended)
				return 0;
			raise(SIGPIPE);
		}
		r.alive = 0;
		r.n = 0;
		none = receive(&r, in) == -1;
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
		if (r.ended) {
			signal(SIGPIPE, SIG_IGN);
			end = r.ended + AFTER_MS;
			if (tick_ms() >= end)
				return 0;
		} else if (r.alive) {
			end = tick_ms() + LOST_MS;
			waiting = WAITING;
		} else if (tick_ms() >= end && (none || --waiting == 0)) {
			/* Only now: it may be us who were stopped. */
			return fault(f, X_TIME, "lost touch with %s", who);
		}
	}
}
