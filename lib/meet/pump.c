/* pump: datagrams across the relay's connection, where UDP does not pass.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/be.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "meet/pump.h"
#include "sandbox/seccomp.h"

enum {
	LONGEST = 8192, /* bytes of a datagram; the kit's are below 4,200 */
	LATE_MS = 100, /* while a byte has waited so long, drop what follows */
	MARKS = 256,
	LAST_MS = 5000 /* for what is left, after the program's end */
};

struct pump {
	int stream, pair;
	uint8_t out[2 + LONGEST], in[2 + LONGEST];
	size_t out_n, out_at; /* a datagram that is not all sent yet */
	size_t got;
	/* How many bytes were written by when, to tell how long the oldest one
	 * that is unsent has waited. */
	uint64_t total;
	struct {
		uint64_t total;
		int64_t at;
	} mark[MARKS];
	unsigned marks;
};

/* Has what is still unsent waited for too long? */
static int
late(const struct pump *p)
{
	int unsent = 0;
	uint64_t gone;
	unsigned i, first = p->marks > MARKS ? p->marks - MARKS : 0;

	if (ioctl(p->stream, SIOCOUTQNSD, &unsent) == -1 || unsent <= 0)
		return 0;
	gone = p->total - (uint64_t)unsent;
	for (i = first; i < p->marks; i++)
		if (p->mark[i % MARKS].total > gone)
			return clock_ms() - p->mark[i % MARKS].at >= LATE_MS;
	return 0;
}

/* Send what is left of a datagram.  -1: the stream is broken. */
static int
flush(struct pump *p)
{
	ssize_t n;

	while (p->out_at < p->out_n) {
		n = send(p->stream, p->out + p->out_at, p->out_n - p->out_at,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno == EAGAIN ? 0 : -1;
		p->out_at += (size_t)n;
		p->total += (uint64_t)n;
	}
	if (p->out_n > 0) {
		p->mark[p->marks % MARKS].total = p->total;
		p->mark[p->marks++ % MARKS].at = clock_ms();
	}
	p->out_n = p->out_at = 0;
	return 0;
}

/* Send the program's datagrams: 1 when all are read for now, 0 at its end, -1
 * when the stream is broken. */
static int
outward(struct pump *p)
{
	struct pollfd more = {.fd = p->pair, .events = POLLIN};
	ssize_t n;

	while (p->out_n == 0) {
		n = recv(p->pair, p->out + 2, LONGEST, MSG_DONTWAIT);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno == EAGAIN ? 1 : 0;
		/* The end looks like an empty datagram. */
		if (n == 0 && poll(&more, 1, 0) == 1 && more.revents & POLLHUP)
			return 0;
		if (late(p))
			continue;
		be16_put(p->out, (uint16_t)n);
		p->out_n = 2 + (size_t)n;
		if (flush(p) == -1)
			return -1;
	}
	return 1;
}

/* Hand datagrams to the program: 1 when all are read for now, else 0. */
static int
inward(struct pump *p)
{
	size_t need;
	ssize_t n;

	for (;;) {
		need = p->got < 2 ? 2 : 2 + (size_t)be16_get(p->in);
		if (need > sizeof(p->in))
			return 0;
		if (p->got == need) {
			/* A program that does not read loses it, as by UDP. */
			if (send(p->pair, p->in + 2, need - 2,
			        MSG_DONTWAIT | MSG_NOSIGNAL) == -1 &&
			    errno != EAGAIN)
				return 0;
			p->got = 0;
			continue;
		}
		n = recv(
		    p->stream, p->in + p->got, need - p->got, MSG_DONTWAIT);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == -1 && errno == EAGAIN;
		p->got += (size_t)n;
	}
}

static void
carry(struct pump *p)
{
	struct pollfd fd[2];

	for (;;) {
		fd[0] = (struct pollfd){.fd = p->stream,
		    .events = (short)(POLLIN | (p->out_n ? POLLOUT : 0))};
		fd[1] = (struct pollfd){
		    .fd = p->out_n ? -1 : p->pair, .events = POLLIN};
		if (poll(fd, 2, -1) == -1 && errno != EINTR)
			return;
		if (flush(p) == -1 || outward(p) != 1 || inward(p) != 1)
			return;
	}
}

/* The program has ended: send what it has left, and read to the other side's
 * end, or the kernel would reset the connection, and what was sent be lost. */
static void
last(struct pump *p)
{
	int64_t until = clock_ms() + LAST_MS;
	ssize_t n = 1;

	while (p->out_n > 0 && flush(p) == 0 && p->out_n > 0 &&
	       io_wait(p->stream, POLLOUT, until) > 0)
		;
	(void)shutdown(p->stream, SHUT_WR);
	while (n != 0 && io_wait(p->stream, POLLIN, until) > 0) {
		n = recv(p->stream, p->in, sizeof(p->in), MSG_DONTWAIT);
		if (n == -1 && errno != EINTR && errno != EAGAIN)
			return;
	}
}

/* The stream has ended.  The program reads an end; what it still writes is
 * dropped, without an error, as by UDP. */
static void
discard(struct pump *p)
{
	struct pollfd fd = {.fd = p->pair, .events = POLLIN};

	(void)shutdown(p->pair, SHUT_WR);
	while (!(fd.revents & (POLLHUP | POLLERR)) &&
	       (poll(&fd, 1, -1) != -1 || errno == EINTR))
		(void)recv(p->pair, p->out, sizeof(p->out), MSG_DONTWAIT);
}

int
pump_begin(int stream, struct fault *f)
{
	static const int ignored[] = {SIGINT, SIGHUP, SIGQUIT, SIGPIPE};
	static struct pump p;
	int pair[2];
	size_t i;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return fault_sys(f, X_SYS, "cannot make a socket");
	pair[0] = fd_high(pair[0]);
	pair[1] = fd_high(pair[1]);
	switch (pair[0] == -1 || pair[1] == -1 ? -1 : fork()) {
	case -1:
		(void)fd_drop(pair[0]);
		(void)fd_drop(pair[1]);
		return fault_sys(f, X_SYS, "cannot fork");
	case 0:
		/* ^C is for the program, whose last words must go out. */
		for (i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
			signal(ignored[i], SIG_IGN);
		p.stream = dup2(stream, 0);
		p.pair = dup2(pair[1], 1);
		close_range(3, ~0u, 0);
		(void)seccomp_enter(0, -1);
		carry(&p);
		last(&p);
		discard(&p);
		_exit(0);
	}
	close(pair[1]);
	close(stream);
	return pair[0];
}
