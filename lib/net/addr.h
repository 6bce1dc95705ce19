/* addr: what the two ends of a socket are called.
 * SPDX-License-Identifier: ISC */
#ifndef ADDR_H
#define ADDR_H

#include <stddef.h>
#include <sys/socket.h>

enum {
	ADDR_TEXT = 64, /* an address as text, scope and NUL included */
	ADDR_OWN = 16 /* most addresses of this machine that are named */
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

/* The address as a number, IPv4-mapped ones as IPv4; and its port. */
void
addr_text(char out[static ADDR_TEXT], const struct addr *a);
int
addr_port(const struct addr *a);

/* A number as addr_text writes it, port 0.  0, or -1. */
int
addr_parse(struct addr *a, const char *text);

/* Same family, address and port?  1 or 0. */
int
addr_same(const struct addr *a, const struct addr *b);

/* Same address, of IPv6 the same /64, at any port?  1 or 0. */
int
addr_near(const struct addr *a, const struct addr *b);

/* The addresses at which a socket bound to `at` can be reached: that one, or
 * where it is a wildcard those of family (AF_UNSPEC: both) of all interfaces
 * that are up, except loopback and IPv6 link-local ones.  Where there is none,
 * 127.0.0.1 or ::1.  How many. */
int
addr_own(
    char out[static ADDR_OWN][ADDR_TEXT], const struct addr *at, int family);

/* Copy text with the address for each %a and the port for each %p. */
void
addr_fill(
    char *out, size_t cap, const char *text, const char *address, int port);

#endif
