/* udpseal: seal frames into datagram records, for a session on UDP.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/udp.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/signals.h"
#include "session/udpseal.h"
#include "wire/frame.h"

enum {
	IDLE_MS = 500, /* without traffic, until a keepalive */
	SIGNAL_MS = 1000, /* for a signal, on a busy machine */
	SEND_BUFFER = 8 << 10 /* a longer queue makes media stale; the kernel
	                       * doubles it */
};

enum { BATCH_ROOM = 64 << 10 };

/* Set out; the rest is zero. */
struct batch {
	int out; /* a connected UDP socket, or one of chat-meet's pump */
	unsigned long refused; /* ICMP reported a closed port */
	int64_t sent; /* clock_ms() of the last send */
	int single; /* UDP_SEGMENT does not work on this path */
	/* Datagrams of one size; the last may be smaller. */
	uint8_t buf[BATCH_ROOM];
	size_t at, size, n;
};

enum {
	SEGMENTS = 64, /* most datagrams in one call */
	LARGE = FRAME_DGRAM + FRAME_HEAD + DATAGRAM_OVERHEAD /* single */
};

/* Send n bytes as datagrams of size bytes each (0: as one).  Errors the network
 * reports about earlier datagrams are ignored. */
static int
transmit(struct batch *b, uint8_t *p, size_t n, size_t size)
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
		if (sendmsg(b->out, &msg, MSG_NOSIGNAL) != -1)
			return 0;
		b->refused += errno == ECONNREFUSED;
		if (errno != EINTR && errno != ECONNREFUSED &&
		    errno != EHOSTUNREACH)
			break;
	}
	return -1;
}

/* Send the waiting datagrams.  0; -1 and errno if out is not a socket. */
static int
batch_flush(struct batch *b)
{
	size_t at = 0, n;
	int bad = 0;

	if (b->n > 1 && !b->single) {
		bad = transmit(b, b->buf, b->at, b->size) == -1;
		/* Not every path supports UDP_SEGMENT: send one by one then. */
		b->single = bad && (errno == EIO || errno == EINVAL ||
		                       errno == EMSGSIZE);
		at = b->single ? 0 : b->at;
	}
	for (; at < b->at; at += n) {
		n = b->at - at < b->size ? b->at - at : b->size;
		bad = transmit(b, b->buf + at, n, 0) == -1;
	}
	if (b->n > 0)
		b->sent = clock_ms();
	b->at = b->n = 0;
	return bad && (errno == EBADF || errno == ENOTSOCK ||
	                  errno == EDESTADDRREQ || errno == EPIPE)
	           ? -1
	           : 0;
}

/* Seal n bytes as a datagram behind those that wait.  Network errors are
 * ignored. Returns as batch_flush. */
static int
batch_put(
    struct batch *b, struct datagram_out *p, const uint8_t *plain, size_t n)
{
	size_t size = n + DATAGRAM_OVERHEAD;

	/* UDP_SEGMENT needs equal sizes; only the last may be smaller. */
	if (b->n > 0 &&
	    (size > b->size || b->n == SEGMENTS ||
	        b->at + size > BATCH_ROOM - 100 || b->size > LARGE) &&
	    batch_flush(b) == -1)
		return -1;
	if (b->n == 0)
		b->size = size;
	b->at += datagram_seal(p, b->buf + b->at, plain, n);
	b->n++;
	return size < b->size ? batch_flush(b) : 0;
}

/* When e is repeated: milliseconds after the first. */
static const int ends[] = {100, 300};

struct sender {
	struct datagram_out *p;
	struct udpseal_count *count;
	int stale;
	int withheld; /* dropping coded pictures until a key picture */
	struct batch batch;
};

/* 1 if this frame is to be dropped as late, else 0. */
static int
late(struct sender *s, const struct frame *f)
{
	uint64_t now = (uint64_t)clock_wall_us();
	int old = f->time < now && now - f->time > (uint64_t)s->stale * 1000;

	switch (f->kind) {
	case FRAME_JPEG:
	case FRAME_AUDIO:
		return old;
	case FRAME_IVF:
		/* A key picture whose beginning is in time ends this. */
		if (s->withheld && (f->flags & FRAME_KEYPIC) && f->piece == 0)
			s->withheld = old;
		else if (old)
			s->withheld = 1;
		return s->withheld;
	default:
		return 0;
	}
}

/* Seal n bytes as a datagram and send it now, after those that wait. */
static int
send_now(struct sender *s, const uint8_t *plain, size_t n)
{
	return batch_put(&s->batch, s->p, plain, n) == -1
	           ? -1
	           : batch_flush(&s->batch);
}

/* Has another e come on `in` by then?  So does a writer tell that the other side
 * has ended too. */
static int
ended_there(int in, int64_t until)
{
	uint8_t more[FRAME_HEAD];
	struct pollfd p = {.fd = in, .events = POLLIN};

	while (io_poll(&p, 1, until) > 0) {
		if (io_read(in, more, sizeof(more)) == sizeof(more) &&
		    more[0] == FRAME_END)
			return 1;
		p.fd = -1;
	}
	return 0;
}

/* Send e, and again, but not after one more on `in`. */
static int
finish(struct sender *s, const uint8_t *e, int in)
{
	size_t i;
	int64_t began = clock_ms();

	for (i = 0;; i++) {
		s->count->frames++;
		if (send_now(s, e, FRAME_HEAD) == -1)
			return -1;
		if (i == sizeof(ends) / sizeof(*ends) ||
		    ended_there(in, began + ends[i]))
			return 0;
	}
}

/* Read the signals that end a call from a descriptor, except those that are
 * ignored.  -1 and errno. */
static int
signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	signals_ends(&set);
	return signals_hold(&set, NULL) == -1 ? -1 : signals_fd(&set);
}

/* Wait for frames on `in`.  1 or 0; -1 and errno: EINTR for a signal. */
static int
await(int in, int sig, int64_t until)
{
	struct pollfd p[2] = {
	    {.fd = in, .events = POLLIN}, {.fd = sig, .events = POLLIN}};
	int r = io_poll(p, 2, until);

	if (r > 0 && p[1].revents) {
		errno = EINTR;
		return -1;
	}
	return r > 0 ? 1 : r;
}

/* Tell the other side the end, as a hang-up.  The signal's number. */
static int
hang_up(struct sender *s, int sig)
{
	struct frame f = {.kind = FRAME_END,
	    .flags = FRAME_HANGUP,
	    .pieces = 1,
	    .time = (uint64_t)clock_wall_us()};
	uint8_t e[FRAME_HEAD];

	frame_put(e, &f);
	(void)finish(s, e, -1);
	return signals_read(sig);
}

/* Seal the whole frames in n bytes at in.  The bytes used; -1 and errno,
 * EBADMSG if malformed.  *end is set to e, if it is there. */
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
		if (batch_put(&s->batch, s->p, in + at,
		        (size_t)FRAME_HEAD + f.len) == -1)
			return -1;
	}
	return batch_flush(&s->batch) == -1 ? -1 : (ssize_t)at;
}

static int
run(struct sender *s, int in, struct fault *f)
{
	static uint8_t buf[BATCH_ROOM];
	const uint8_t *end = NULL;
	int ready, sig = signals();
	size_t have = 0;
	ssize_t n;

	if (sig == -1)
		return fault_sys(f, X_SYS, "signals");
	for (;;) {
		if (clock_ms() >= s->batch.sent + IDLE_MS) {
			s->count->signs++;
			if (send_now(s, NULL, 0) == -1)
				return fault_sys(f, X_SYS, "stdout");
		}
		ready = await(in, sig, s->batch.sent + IDLE_MS);
		if (ready == 0)
			continue;
		n = ready == 1 ? io_read(in, buf + have, sizeof(buf) - have)
		               : -1;
		if (ready == 1 && n == -1)
			return fault_sys(f, X_SYS, "stdin");
		/* The signal that killed the writer may reach us, too. */
		if (n == 0)
			ready = await(-1, sig, clock_ms() + SIGNAL_MS);
		if (ready == -1)
			return errno == EINTR ? hang_up(s, sig)
			                      : fault_sys(f, X_SYS, "poll");
		if (n == 0)
			return fault(f, X_SYS,
			    "the frames on stdin broke off before their end");
		have += (size_t)n;
		n = seal_frames(s, buf, have, &end);
		if (n == -1 && errno == EBADMSG)
			return fault(f, X_PEER, "stdin: malformed frame");
		if (n == -1 || (end && finish(s, end, in) == -1))
			return fault_sys(f, X_SYS, "stdout");
		if (end)
			return 0;
		have -= (size_t)n;
		memmove(buf, buf + n, have);
	}
}

int
udpseal_frames(struct datagram_out *p, int in, int out, int stale,
    struct udpseal_count *count, struct fault *f)
{
	static struct sender s;
	int end;

	s = (struct sender){.p = p, .count = count, .stale = stale};
	s.batch.out = out;
	/* Other sockets ignore UDP_SEGMENT, and send all as one. */
	s.batch.single = !fd_is_datagrams(out);
	/* Send one at once: the peer's handshake may wait for it. */
	s.batch.sent = clock_ms() - IDLE_MS;
	(void)fd_option(out, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER);
	end = run(&s, in, f);
	count->refused = s.batch.refused;
	return end;
}
