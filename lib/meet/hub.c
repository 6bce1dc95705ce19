/* hub: a relay's loop: calls, datagrams, signals, and a line each hour.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "meet/guests.h"

enum {
	HOUR_MS = 3600000,
	ACCEPTS = 64, /* calls taken before others have their turn */
	EVENTS = 256
};

struct hub {
	struct hub_how how;
	int epoll;
	struct guests *guests;
	uint64_t away; /* calls for which there was no descriptor */
	int64_t hour; /* ms: the last line */
	int spare; /* a descriptor that is given up to refuse a call */
	struct {
		char tcp, udp, signals;
	} mark; /* what epoll names these by */
};

/* Descriptors have run out: accept the call with the spare one, and hang up, or
 * epoll would report it for ever. */
static void
turn_away(struct hub *h)
{
	int fd;

	(void)fd_drop(h->spare);
	fd = accept4(h->how.tcp, NULL, NULL, SOCK_CLOEXEC);
	if (fd != -1)
		close(fd);
	h->spare = dup(h->epoll);
	h->away++;
}

static void
take_calls(struct hub *h)
{
	struct sockaddr_storage from;
	socklen_t len;
	int fd, i;

	for (i = 0; i < ACCEPTS; i++) {
		len = sizeof(from);
		fd = accept4(h->how.tcp, (struct sockaddr *)&from, &len,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd != -1) {
			guests_take(h->guests, fd, &from);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE)
			turn_away(h);
		else if (errno != ECONNABORTED && errno != EINTR)
			return;
	}
}

static void
tell_hour(struct hub *h)
{
	const struct guests_count n = guests_count(h->guests);
	const struct ends_count *u = guests_ends(h->guests);
	char line[300];

	snprintf(line, sizeof(line),
	    "connections %d, rooms %d, pairs %d, met %" PRIu64 ", MB %" PRIu64
	    ", datagrams %" PRIu64 ", dropped %" PRIu64 ", refused %" PRIu64
	    ", false tokens %" PRIu64,
	    n.clients, n.rooms, n.pairs, n.met, (n.bytes + u->bytes) / 1000000,
	    u->forwarded, u->dropped, n.refused + h->away, u->false_tokens);
	h->how.hourly(line);
}

/* The signal that ends the loop, or 0. */
static int
read_signal(struct hub *h)
{
	struct signalfd_siginfo info;

	if (read(h->how.signals, &info, sizeof(info)) != sizeof(info))
		return 0;
	if (info.ssi_signo != SIGUSR1)
		return (int)info.ssi_signo;
	tell_hour(h);
	return 0;
}

/* Handle one event.  The signal that ends the loop, or 0. */
static int
see(struct hub *h, const struct epoll_event *e)
{
	if (e->data.ptr == &h->mark.signals)
		return read_signal(h);
	if (e->data.ptr == &h->mark.tcp)
		take_calls(h);
	else if (e->data.ptr == &h->mark.udp)
		guests_datagrams(h->guests);
	else
		guests_event(h->guests, e->data.ptr, e->events);
	return 0;
}

int
hub_serve(struct hub *h, struct fault *f)
{
	struct epoll_event ev[EVENTS];
	int n, i, sig, wait = 0;
	int64_t now;

	for (;;) {
		n = epoll_wait(h->epoll, ev, EVENTS, wait);
		if (n == -1 && errno != EINTR)
			return fault_sys(f, X_SYS, "cannot wait");
		now = clock_ms();
		guests_begin(h->guests, now);
		for (i = 0; i < n; i++)
			if ((sig = see(h, &ev[i])) != 0)
				return sig;
		wait = guests_end(h->guests);
		if (now - h->hour >= HOUR_MS) {
			h->hour = now;
			tell_hour(h);
		}
	}
}

static int
watch_for(struct hub *h, int fd, void *mark)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = mark};

	return epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &e);
}

/* Accepted connections inherit these. */
static void
tune(int fd)
{
	(void)fd_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	(void)fd_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
	(void)fd_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 15);
	(void)fd_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
	(void)fd_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
}

struct hub *
hub_new(const struct hub_how *how, struct fault *f)
{
	struct hub *h = calloc(1, sizeof(*h));

	if (!h) {
		fault_sys(f, X_SYS, "cannot begin");
		return NULL;
	}
	tune(how->tcp);
	h->how = *how;
	h->hour = clock_ms();
	h->epoll = fd_high(epoll_create1(EPOLL_CLOEXEC));
	h->spare = h->epoll == -1 ? -1 : dup(h->epoll);
	h->guests = h->spare == -1 ? NULL : guests_new(how, h->epoll);
	if (!h->guests || watch_for(h, how->tcp, &h->mark.tcp) == -1 ||
	    watch_for(h, how->udp, &h->mark.udp) == -1 ||
	    watch_for(h, how->signals, &h->mark.signals) == -1) {
		fault_sys(f, X_SYS, "cannot begin");
		return NULL;
	}
	return h;
}
