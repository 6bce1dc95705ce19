/* lookup: the addresses of a relay, found while others are waited for.
 * SPDX-License-Identifier: ISC */
#ifndef LOOKUP_H
#define LOOKUP_H

#include "base/fault.h"
#include "meet/seat.h"

/* One question to the name server, in a thread of its own. */
struct lookup;

/* Begin; host stays as it is until the end.  NULL and errno. */
struct lookup *
lookup_new(const char *host, int port, int family);

/* To poll: readable when there is an answer. */
int
lookup_fd(const struct lookup *l);

/* The answer, after which l is no more: 0, or -1 and a fault, X_USE for a name
 * that does not exist. */
int
lookup_end(struct lookup *l, struct relay_at *out, struct fault *f);

#endif
