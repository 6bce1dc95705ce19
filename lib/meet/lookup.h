/* lookup: look up a relay's addresses without waiting for them.
 * SPDX-License-Identifier: ISC */
#ifndef LOOKUP_H
#define LOOKUP_H

#include "base/fault.h"
#include "meet/seat.h"

/* A query to the name server, in a thread of its own. */
struct lookup;

/* Begin; host must stay in place until the end.  NULL and errno. */
struct lookup *
lookup_new(const char *host, int port, int family);

/* A descriptor to poll: readable once there is an answer; -1: there is one. */
int
lookup_fd(const struct lookup *l);

/* Take the answer and free l: 0, or -1 and a fault, X_USE if the name does not
 * exist. */
int
lookup_end(struct lookup *l, struct relay_at *out, struct fault *f);

#endif
