/* sock: the addresses of a service, sockets bound to a port, and options.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>

#include "base/fd.h"
#include "net/sock.h"

int
sock_look_up(const struct sock_how *how, const char *host, int port,
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

int
sock_open(const struct addrinfo *ai)
{
	return fd_high(socket(ai->ai_family,
	    ai->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, ai->ai_protocol));
}

/* A socket bound to ai, or -1 and errno. */
static int
bind_one(const struct addrinfo *ai, int dual, int share)
{
	int fd = sock_open(ai), udp = ai->ai_socktype == SOCK_DGRAM;

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
sock_bind(const struct sock_how *how, int port, int share, struct fault *f)
{
	int any = how->family == AF_UNSPEC && !how->source, fd = -1;
	struct sock_how one = *how;
	struct addrinfo *all, *ai;

	/* The IPv6 wildcard serves both families, if there is IPv6. */
	if (any)
		one.family = AF_INET6;
	for (;;) {
		if (sock_look_up(&one, how->source, port, 1, &all, f) == -1)
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
sock_tune(int fd)
{
	(void)fd_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	(void)fd_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 10);
	(void)fd_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 5);
	(void)fd_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
	(void)fd_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
}
