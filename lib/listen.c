/* listen: a place where calls come in.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fds.h"
#include "io.h"
#include "listen.h"

int
listen_bind(struct listener *l, struct fault *f)
{
	l->fd = net_bind(&l->how, l->port, 0, f);
	if (l->fd == -1)
		return -1;
	if (addr_local(&l->at, l->fd) == -1)
		return fault_sys(f, X_SYS, "cannot learn the port");
	l->port = addr_port(&l->at);
	return 0;
}

int
listen_open(struct listener *l, struct fault *f)
{
	if (listen(l->fd, SOMAXCONN) == -1)
		return fault_sys(f, X_SYS, "cannot listen on port %d", l->port);
	return 0;
}

int
listen_take(struct listener *l, struct addr *peer)
{
	int fd;

	memset(peer, 0, sizeof(*peer));
	peer->len = sizeof(peer->ss);
	fd = fds_high(accept4(
	    l->fd, (struct sockaddr *)&peer->ss, &peer->len, SOCK_CLOEXEC));
	if (fd != -1)
		net_tune(fd);
	return fd;
}

int
listen_wait(
    struct listener *l, struct addr *peer, int64_t until, struct fault *f)
{
	int fd;

	for (;;) {
		if (io_wait(l->fd, POLLIN, until) == 0)
			return fault(f, X_TIME, "nobody called");
		fd = listen_take(l, peer);
		if (fd != -1)
			return fd;
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
			return fault_sys(f, X_SYS, "cannot take a call");
	}
}

void
listen_close(struct listener *l)
{
	if (l->fd != -1)
		close(l->fd);
	l->fd = -1;
}
