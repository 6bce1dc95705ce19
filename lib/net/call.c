/* call: connect to a host, by whichever of its addresses answers first.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "net/call.h"

enum { TRIES = 16, STAGGER = 250 };

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
	int fd = sock_open(ai);

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
call_to(const struct sock_how *how, const char *host, int port, int64_t until,
    struct fault *f)
{
	struct addrinfo *all, *source = NULL;
	const struct addrinfo *ai[TRIES];
	int fd;

	if ((how->source || how->source_port) &&
	    sock_look_up(how, how->source, how->source_port, 1, &source, f) ==
	        -1)
		return -1;
	if (sock_look_up(how, host, port, 0, &all, f) == -1) {
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
	sock_tune(fd);
	return fd;
}
