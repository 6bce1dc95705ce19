/* addr: the addresses of both ends of a socket.
 * SPDX-License-Identifier: ISC */
#ifndef ADDR_H
#define ADDR_H

#include <stddef.h>
#include <sys/socket.h>

#include "base/fault.h"

enum {
	ADDR_TEXT = 64, /* an address as text, scope and NUL included */
	ADDR_OWN = 16 /* most addresses of this machine that are listed */
};

struct addr {
	struct sockaddr_storage ss;
	socklen_t len;
};

/* This end and the other end of a socket.  0, or -1 and errno. */
int
addr_local(struct addr *a, int fd);
int
addr_remote(struct addr *a, int fd);

/* The address in numeric form, IPv4-mapped ones as IPv4; and its port. */
void
addr_text(char out[static ADDR_TEXT], const struct addr *a);
int
addr_port(const struct addr *a);

/* Parse what addr_text writes, with port 0.  0, or -1 and a fault. */
int
addr_parse(struct addr *a, const char *text, struct fault *f);

/* 1 if family, address and port are the same, else 0. */
int
addr_same(const struct addr *a, const struct addr *b);

/* 1 if the addresses are the same (IPv6: the same /64), at any port, else 0. */
int
addr_near(const struct addr *a, const struct addr *b);

/* The addresses at which others reach a socket bound to `at`: that one or, for
 * a wildcard, all of family (AF_UNSPEC: both) on interfaces that are up, except
 * loopback and IPv6 link-local ones; if there are none, 127.0.0.1 or ::1. How
 * many. */
int
addr_own(
    char out[static ADDR_OWN][ADDR_TEXT], const struct addr *at, int family);

/* Copy text, with the address for each %a and the port for each %p. */
void
addr_fill(
    char *out, size_t cap, const char *text, const char *address, int port);

#endif
