/* udp: from a socket that hears everybody, one that hears one peer.
 * SPDX-License-Identifier: ISC */
#ifndef UDP_H
#define UDP_H

#include <stddef.h>

#include "net/addr.h"

enum { UDP_MAX = 65507 }; /* most bytes in a datagram, over IPv4 */

/* Have the bound socket tell where datagrams were sent to, and let this user's
 * sockets share its port. */
void
udp_prepare(int fd);

/* Have the socket drop all that comes (1), or take it again (0). */
int
udp_deaf(int fd, int on);

/* Read one datagram, who sent it, and at which address of this machine it
 * came.  Its length, or -1 and errno (EAGAIN: there is none). */
ssize_t
udp_read(int fd, void *p, size_t cap, struct addr *peer, struct addr *at);

/* A socket at `at` and connected to the peer of the datagram of n bytes just
 * read from `all` into p (cap bytes of room).  That datagram is the first that
 * is read from it, and none of anybody else's ever is.  drain: others of the
 * peer that wait in `all` come with it, and those of anybody else are dropped.
 * -1 and errno.
 *
 * A socket that is connected only when the datagram is already queued in it
 * keeps what others have sent there before; and a datagram that was read cannot
 * be put back.  So the new socket is connected first to a helper at the same
 * address, which sends it the datagram, and what came to it before that is
 * sorted out; then to the peer.  recvfrom(2) gives the helper's address. */
int
udp_socket(int all, const struct addr *at, const struct addr *peer, void *p,
    size_t n, size_t cap, int drain);

#endif
