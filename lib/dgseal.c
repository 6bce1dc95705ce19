/* dgseal: frames to datagram records, for a session on UDP.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include "batch.h"
#include "dgseal.h"
#include "die.h"
#include "fds.h"
#include "frame.h"
#include "io.h"
#include "tick.h"

enum {
	IDLE_MS = 500, /* a sign of life then */
	SIGNAL_MS = 100,
	SEND_BUFFER = 8 << 10 /* what waits there becomes stale; the kernel
	                       * takes twice that */
};

/* The repeats of e: milliseconds after the first. */
static const int ends[] = {100, 300};

struct sender {
	struct packet_out *p;
	struct dgseal_count *count;
	int stale;
	int withheld; /* coded pictures, up to the next key */
	struct batch batch;
};

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

/* Seal n bytes as a datagram that goes at once, with what waits before it. */
static int
send_now(struct sender *s, const uint8_t *plain, size_t n)
{
	return batch_put(&s->batch, s->p, plain, n) == -1
	           ? -1
	           : batch_flush(&s->batch);
}

static int
finish(struct sender *s, const uint8_t *e)
{
	size_t i;
	int64_t began = tick_ms();

	for (i = 0;; i++) {
		s->count->frames++;
		if (send_now(s, e, FRAME_HEAD) == -1)
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
	sigset_t set;

	sigemptyset(&set);
	prog_ends(&set);
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
	int r = io_poll(p, 2, until);

	if (r > 0 && p[1].revents) {
		errno = EINTR;
		return -1;
	}
	return r > 0 ? 1 : r;
}

/* Hang up: the other side is told the end.  The signal, or -1 and errno. */
static int
hang_up(struct sender *s, int sig)
{
	struct frame f = {.kind = FRAME_END,
	    .flags = FRAME_HANGUP,
	    .pieces = 1,
	    .time = (uint64_t)tick_wall_us()};
	struct signalfd_siginfo which;
	uint8_t e[FRAME_HEAD];

	frame_put(e, &f);
	(void)finish(s, e);
	if (io_read(sig, &which, sizeof(which)) == -1)
		return -1;
	return (int)which.ssi_signo;
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
		if (tick_ms() >= s->batch.sent + IDLE_MS) {
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
		/* Who wrote may have died by a signal that is about to come. */
		if (n == 0)
			ready = await(-1, sig, tick_ms() + SIGNAL_MS);
		if (ready == -1)
			return errno == EINTR ? hang_up(s, sig)
			                      : fault_sys(f, X_SYS, "poll");
		if (n == 0)
			return fault(f, X_SYS,
			    "the frames on stdin broke off before their end");
		have += (size_t)n;
		n = seal_frames(s, buf, have, &end);
		if (n == -1 && errno == EBADMSG)
			return fault(f, X_PEER, "what came is no frame");
		if (n == -1 || (end && finish(s, end) == -1))
			return fault_sys(f, X_SYS, "stdout");
		if (end)
			return 0;
		have -= (size_t)n;
		memmove(buf, buf + n, have);
	}
}

int
dgseal_frames(struct packet_out *p, int in, int out, int stale,
    struct dgseal_count *count, struct fault *f)
{
	static struct sender s;
	int end;

	s = (struct sender){.p = p, .count = count, .stale = stale};
	s.batch.out = out;
	/* The first at once: the other side's handshake may wait for one. */
	s.batch.sent = tick_ms() - IDLE_MS;
	(void)fds_option(out, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER);
	end = run(&s, in, f);
	count->refused = s.batch.refused;
	return end;
}
