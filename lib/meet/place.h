/* place: addresses of the wire as the kernel has them, and back.
 * SPDX-License-Identifier: ISC */
#ifndef PLACE_H
#define PLACE_H

#include "meet/meet.h"
#include "net/addr.h"

void
place_get(struct meet_addr *m, const struct sockaddr_storage *ss);

/* For a socket of that family; IPv4 on an IPv6 socket stays IPv4-mapped.  The
 * length, 0 if the family cannot have it. */
socklen_t
place_put(struct sockaddr_storage *ss, const struct meet_addr *m, int family);

#endif
