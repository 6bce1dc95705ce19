/* call: calling, and a place to listen at.
 * SPDX-License-Identifier: ISC */
#ifndef CALL_H
#define CALL_H

#include <stdint.h>

#include "base/fault.h"

struct addrinfo;

struct call_how {
	int family; /* AF_UNSPEC, AF_INET, AF_INET6 */
	int udp;
	int numeric; /* names are addresses: ask no name server */
	const char *source; /* call from, or listen at, this; NULL: any */
	int source_port; /* of a call; 0: any */
};

/* The addresses of host (NULL: all of this machine) and port; passive: to listen
 * at.  0, or -1 and a fault: X_USE for a name that does not exist. */
int
call_look_up(const struct call_how *how, const char *host, int port,
    int passive, struct addrinfo **out, struct fault *f);

/* Sockets are numbered 10 or more and close-on-exec (fd_high). */

/* Connect to host and port.  Several addresses are raced, the families taking
 * turns, each begun 250 ms after the one before it, or when all before it have
 * failed; the first that answers is it (after RFC 8305).  The socket, or -1
 * and a fault: X_USE for a name that does not exist, X_TIME at clock_ms() ==
 * until (the looking up of the name is not counted). */
int
call_to(const struct call_how *how, const char *host, int port, int64_t until,
    struct fault *f);

/* A socket bound to port (0: any free one) at how->source, else at every
 * address of both families, else of IPv4.  It does not block, and does not
 * listen yet.  share: UDP sockets of this user may have the same port. */
int
call_bind(const struct call_how *how, int port, int share, struct fault *f);

/* A connection's options: no delay, and keep-alive probes after 10 s of
 * silence, 4 of them 5 s apart.  Nothing on UDP. */
void
call_tune(int fd);

#endif
