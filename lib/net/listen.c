/* listen: a socket where calls come in.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "base/io.h"
#include "net/listen.h"
#include "net/udp.h"

enum { LOT = 256 }; /* datagrams looked at before returning to poll(2) */

int
listen_bind(struct listener *l, struct fault *f)
{
	l->fd = sock_bind(&l->how, l->port, l->how.udp && l->bound_once, f);
	if (l->fd == -1)
		return -1;
	if (addr_local(&l->at, l->fd) == -1)
		return fault_sys(f, X_SYS, "cannot learn the port");
	l->port = addr_port(&l->at);
	l->bound_once = 1;
	if (l->how.udp) {
		udp_prepare(l->fd);
		if (udp_deaf(l->fd, 1) == -1)
			return fault_sys(f, X_SYS, "cannot filter datagrams");
	}
	return 0;
}

int
listen_open(struct listener *l, struct fault *f)
{
	char byte;

	/* Discard datagrams from before a pause. */
	while (l->how.udp && recv(l->fd, &byte, 1, MSG_DONTWAIT) != -1)
		;
	if ((l->how.udp ? udp_deaf(l->fd, 0) : listen(l->fd, SOMAXCONN)) == -1)
		return fault_sys(f, X_SYS, "cannot listen on port %d", l->port);
	return 0;
}

static int
take_stream(struct listener *l, struct addr *peer)
{
	int fd;

	memset(peer, 0, sizeof(*peer));
	peer->len = sizeof(peer->ss);
	fd = fd_high(accept4(
	    l->fd, (struct sockaddr *)&peer->ss, &peer->len, SOCK_CLOEXEC));
	if (fd != -1)
		sock_tune(fd);
	return fd;
}

static int
take_dgram(struct listener *l, struct addr *peer, int alone)
{
	static char buf[65536];
	size_t want = l->prefix ? strlen(l->prefix) : 0;
	struct addr at;
	ssize_t n;
	int i;

	for (i = 0; i < LOT; i++) {
		n = udp_read(l->fd, buf, sizeof(buf), peer, &at);
		if (n == -1)
			return -1;
		if ((size_t)n < want ||
		    (want && memcmp(buf, l->prefix, want) != 0) ||
		    (l->known && l->known(l->arg, peer)))
			continue;
		return udp_socket(
		    l->fd, &at, peer, buf, (size_t)n, sizeof(buf), alone);
	}
	errno = EAGAIN;
	return -1;
}

int
listen_take(struct listener *l, struct addr *peer)
{
	return l->how.udp ? take_dgram(l, peer, 0) : take_stream(l, peer);
}

int
listen_once(struct listener *l, void (*opened)(const struct listener *l),
    int64_t until, struct fault *f)
{
	struct addr peer;
	int fd = -1;

	if (listen_bind(l, f) == -1 || listen_open(l, f) == -1)
		return -1;
	opened(l);
	while (fd == -1) {
		if (io_wait(l->fd, POLLIN, until) == 0)
			return fault(f, X_TIME, "nobody called");
		fd = l->how.udp ? take_dgram(l, &peer, 1)
		                : take_stream(l, &peer);
		if (fd == -1 &&
		    (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
			return fault_sys(f, X_SYS, "cannot take a call");
	}
	listen_close(l);
	return fd;
}

/* On UDP keep the socket: one bound anew would get datagrams meant for the
 * connected sockets of calls. */
void
listen_pause(struct listener *l)
{
	struct fault ignored;

	if (l->how.udp && udp_deaf(l->fd, 1) == 0)
		return;
	listen_close(l);
	if (listen_bind(l, &ignored) == -1)
		listen_close(l);
}

void
listen_close(struct listener *l)
{
	l->fd = fd_drop(l->fd);
}
