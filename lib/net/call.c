/* call: make calls, and bind a place to listen at.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "net/call.h"

enum { TRIES = 16, STAGGER = 250 };

int
call_look_up(const struct call_how *how, const char *host, int port,
    int passive, struct addrinfo **out, struct fault *f)
{
	struct addrinfo hints = {.ai_family = how->family,
	    .ai_socktype = how->udp ? SOCK_DGRAM : SOCK_STREAM,
	    .ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : 0)};
	char text[8];
	int err;

	if (how->numeric)
		hints.ai_flags |= AI_NUMERICHOST;
	snprintf(text, sizeof(text), "%d", port);
	err = getaddrinfo(host, text, &hints, out);
	switch (err) {
	case 0:
		return 0;
	case EAI_NONAME:
	case EAI_NODATA:
		return fault(f, X_USE, "%s: no such %s", host,
		    how->numeric ? "address" : "host");
	case EAI_ADDRFAMILY:
	case EAI_FAMILY:
		return fault(f, X_USE, "%s: no address of that family", host);
	case EAI_SYSTEM:
		return fault_sys(f, X_SYS, "%s: cannot be looked up", host);
	default:
		return fault(f, X_SYS, "%s: cannot be looked up: %s", host,
		    gai_strerror(err));
	}
}

/* A socket for ai, numbered 10 or more, not blocking. */
static int
open_socket(const struct addrinfo *ai)
{
	return fd_high(socket(ai->ai_family,
	    ai->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, ai->ai_protocol));
}

/* Bind to the address that calls come from.  -1: it is of the other family. */
static int
bind_source(int fd, int family, const struct addrinfo *source)
{
	if (!source)
		return 0;
	while (source && source->ai_family != family)
		source = source->ai_next;
	if (!source) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	(void)fd_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	return bind(fd, source->ai_addr, source->ai_addrlen);
}

/* Begin to connect.  A socket, or -1 and errno. */
static int
begin(const struct addrinfo *ai, const struct addrinfo *source)
{
	int fd = open_socket(ai);

	if (fd != -1 && bind_source(fd, ai->ai_family, source) == 0 &&
	    (connect(fd, ai->ai_addr, ai->ai_addrlen) == 0 ||
	        errno == EINPROGRESS))
		return fd;
	return fd_drop(fd);
}

/* Alternate the families, each in its own order.  How many. */
static int
alternate(const struct addrinfo **out, const struct addrinfo *all)
{
	const struct addrinfo *at[2] = {all, all};
	int first = all->ai_family, turn = 0, n = 0, i;

	while (n < TRIES && (at[0] || at[1])) {
		for (i = 0; i < 2; i++)
			while (at[i] && (at[i]->ai_family == first) != (i == 0))
				at[i] = at[i]->ai_next;
		if (at[turn]) {
			out[n++] = at[turn];
			at[turn] = at[turn]->ai_next;
		}
		turn = !turn;
	}
	return n;
}

/* Of two reasons for failing, the more informative one. */
static int
worse(int old, int new)
{
	return old == 0 || old == ENETUNREACH || old == EADDRNOTAVAIL ||
	               old == EAFNOSUPPORT
	           ? new
	           : old;
}

/* Try the n addresses in a race.  A connected socket, or -1 and errno. */
static int
race(const struct addrinfo **ai, int n, const struct addrinfo *source,
    int64_t until)
{
	struct pollfd try[TRIES];
	int64_t next = 0, wake;
	int begun = 0, live = 0, won = -1, why = 0, err, fd, i;
	socklen_t len = sizeof(err);

	while (won == -1 && (begun < n || live > 0)) {
		if (begun < n && (live == 0 || clock_ms() >= next)) {
			fd = begin(ai[begun], source);
			if (fd == -1)
				why = worse(why, errno);
			live += fd != -1;
			try[begun++] =
			    (struct pollfd){.fd = fd, .events = POLLOUT};
			next = clock_ms() + STAGGER;
			continue;
		}
		wake = begun < n && next < until ? next : until;
		if (poll(try, (nfds_t)begun, io_left(wake)) == -1)
			continue;
		if (clock_ms() >= until) {
			why = ETIMEDOUT;
			break;
		}
		for (i = 0; i < begun && won == -1; i++) {
			if (!try[i].revents)
				continue;
			fd = try[i].fd;
			try[i].fd = -1;
			getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
			if (err == 0) {
				won = fd;
				break;
			}
			why = worse(why, err);
			close(fd);
			live--;
		}
	}
	for (i = 0; i < begun; i++)
		(void)fd_drop(try[i].fd);
	errno = why;
	return won;
}

int
call_to(const struct call_how *how, const char *host, int port, int64_t until,
    struct fault *f)
{
	struct addrinfo *all, *source = NULL;
	const struct addrinfo *ai[TRIES];
	int fd;

	if ((how->source || how->source_port) &&
	    call_look_up(how, how->source, how->source_port, 1, &source, f) ==
	        -1)
		return -1;
	if (call_look_up(how, host, port, 0, &all, f) == -1) {
		if (source)
			freeaddrinfo(source);
		return -1;
	}
	fd = race(ai, alternate(ai, all), source, until);
	freeaddrinfo(all);
	if (source)
		freeaddrinfo(source);
	if (fd == -1) {
		if (errno == ETIMEDOUT)
			return fault(
			    f, X_TIME, "no answer from %s port %d", host, port);
		return fault_sys(
		    f, X_SYS, "cannot connect to %s port %d", host, port);
	}
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	call_tune(fd);
	return fd;
}

/* A socket bound to ai, or -1 and errno. */
static int
bind_one(const struct addrinfo *ai, int dual, int share)
{
	int fd = open_socket(ai), udp = ai->ai_socktype == SOCK_DGRAM;

	if (fd == -1)
		return -1;
	if (ai->ai_family == AF_INET6)
		(void)fd_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, !dual);
	if (!udp || share)
		(void)fd_option(
		    fd, SOL_SOCKET, udp ? SO_REUSEPORT : SO_REUSEADDR, 1);
	return bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 ? fd : fd_drop(fd);
}

int
call_bind(const struct call_how *how, int port, int share, struct fault *f)
{
	int any = how->family == AF_UNSPEC && !how->source, fd = -1;
	struct call_how one = *how;
	struct addrinfo *all, *ai;

	/* The IPv6 wildcard serves both families, if there is IPv6. */
	if (any)
		one.family = AF_INET6;
	for (;;) {
		if (call_look_up(&one, how->source, port, 1, &all, f) == -1)
			return -1;
		for (ai = all; ai && fd == -1; ai = ai->ai_next)
			fd = bind_one(ai, any, share);
		freeaddrinfo(all);
		if (fd != -1)
			return fd;
		if (one.family == AF_INET || !any ||
		    (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL))
			break;
		one.family = AF_INET;
	}
	if (how->source)
		return fault_sys(f, errno == EADDRNOTAVAIL ? X_USE : X_SYS,
		    "cannot use %s port %d", how->source, port);
	return fault_sys(f, X_SYS, "cannot use port %d", port);
}

void
call_tune(int fd)
{
	(void)fd_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	(void)fd_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 10);
	(void)fd_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 5);
	(void)fd_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
	(void)fd_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
}
