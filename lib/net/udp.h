/* udp: from a socket that gets everybody's datagrams, one for a single peer.
 * SPDX-License-Identifier: ISC */
#ifndef UDP_H
#define UDP_H

#include <stddef.h>

#include "net/addr.h"

enum { UDP_MAX = 65507 }; /* most bytes in an IPv4 datagram */

/* Have the bound socket report destination addresses and let this user's
 * sockets share its port. */
void
udp_prepare(int fd);

/* Have the socket drop (1) or accept (0) all datagrams. */
int
udp_deaf(int fd, int on);

/* Read one datagram, its sender, and the address of ours it was sent to.  Its
 * length, or -1 and errno (EAGAIN: none). */
ssize_t
udp_read(int fd, void *p, size_t cap, struct addr *peer, struct addr *at);

/* A socket at `at`, connected to the sender of the datagram of n bytes just read
 * from `all` into p (room for cap bytes).  It gives that datagram first, and
 * never one from another sender.  drain: also move the peer's other datagrams
 * waiting in `all` to it, and drop those of others.  -1 and errno.
 *
 * A socket keeps what others sent to it before it was connected, and a datagram
 * cannot be put back.  So the new socket is first connected to a helper at the
 * same address, which sends it the datagram; what came before that is sorted
 * out; then it is connected to the peer.  recvfrom(2) gives the helper's
 * address. */
int
udp_socket(int all, const struct addr *at, const struct addr *peer, void *p,
    size_t n, size_t cap, int drain);

#endif
