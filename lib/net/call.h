/* call: make calls, and bind a place to listen at.
 * SPDX-License-Identifier: ISC */
#ifndef CALL_H
#define CALL_H

#include <stdint.h>

#include "base/fault.h"

struct addrinfo;

struct call_how {
	int family; /* AF_UNSPEC, AF_INET, AF_INET6 */
	int udp;
	int numeric; /* names must be addresses: no look-up */
	const char *source; /* call from this, or listen at it; NULL: any */
	int source_port; /* for calls; 0: any */
};

/* The addresses of host (NULL: this machine) and port; passive: to listen at.
 * 0, or -1 and a fault: X_USE if the name does not exist. */
int
call_look_up(const struct call_how *how, const char *host, int port,
    int passive, struct addrinfo **out, struct fault *f);

/* All sockets are numbered 10 or more and close-on-exec (fd_high). */

/* Connect to host and port.  Several addresses are raced (after RFC 8305): the
 * families alternate, each attempt begins 250 ms after the one before or when
 * all before have failed, and the first to answer is used.  The socket, or -1
 * and a fault: X_USE if the name does not exist, X_TIME at clock_ms() == until
 * (name look-up may last longer). */
int
call_to(const struct call_how *how, const char *host, int port, int64_t until,
    struct fault *f);

/* A nonblocking socket bound to port (0: any free one) at how->source, else at
 * all addresses of both families, else of IPv4.  It does not listen yet.
 * share: UDP sockets of this user may share the port. */
int
call_bind(const struct call_how *how, int port, int share, struct fault *f);

/* Set a connection's options: TCP_NODELAY, and keep-alive probes after 10 s of
 * silence, 4 of them 5 s apart.  UDP sockets are left alone. */
void
call_tune(int fd);

#endif
