/* sock: the addresses of a service, sockets bound to a port, and options.
 * SPDX-License-Identifier: ISC */
#ifndef SOCK_H
#define SOCK_H

#include "base/fault.h"

struct addrinfo;

struct sock_how {
	int family; /* AF_UNSPEC, AF_INET, AF_INET6 */
	int udp;
	int numeric; /* names must be addresses: no look-up */
	const char *source; /* call from this, or listen at it; NULL: any */
	int source_port; /* for calls; 0: any */
};

/* The addresses of host (NULL: this machine) and port; passive: to listen at.
 * 0, or -1 and a fault: X_USE if the name does not exist. */
int
sock_look_up(const struct sock_how *how, const char *host, int port,
    int passive, struct addrinfo **out, struct fault *f);

/* A nonblocking socket for ai, numbered 10 or more and close-on-exec (fd_high).
 * -1 and errno. */
int
sock_open(const struct addrinfo *ai);

/* Such a socket, bound to port (0: any free one) at how->source, else at all
 * addresses of both families, else of IPv4.  It does not listen yet.  share: UDP
 * sockets of this user may share the port.  -1 and a fault. */
int
sock_bind(const struct sock_how *how, int port, int share, struct fault *f);

/* Set a connection's options: TCP_NODELAY, and keep-alive probes after 10 s of
 * silence, 4 of them 5 s apart.  UDP sockets are left alone. */
void
sock_tune(int fd);

#endif
