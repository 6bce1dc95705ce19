/* place: convert addresses between the wire's form and the kernel's.
 * SPDX-License-Identifier: ISC */
#ifndef PLACE_H
#define PLACE_H

#include "meet/meet.h"
#include "net/addr.h"

void
place_get(struct meet_addr *m, const struct sockaddr_storage *ss);

/* For a socket of that family; on an IPv6 socket IPv4 stays IPv4-mapped.  The
 * length, 0 if the family cannot express it. */
socklen_t
place_put(struct sockaddr_storage *ss, const struct meet_addr *m, int family);

#endif
