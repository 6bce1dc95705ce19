/* quota: how much each address may have of the relay.
 * SPDX-License-Identifier: ISC */
#ifndef QUOTA_H
#define QUOTA_H

#include <stdint.h>

#include "meet/meet.h"

enum {
	QUOTA_PAIRS = 32, /* pairs of an address */
	QUOTA_TRIES = 20 /* number rooms of an address in a minute */
};

/* An IPv4 address, or the /64 of an IPv6 one. */
struct quota_one;
struct quota;

/* Allow each address so many connections.  NULL: no memory. */
struct quota *
quota_new(int connections, const uint64_t key[static 2]);
void
quota_free(struct quota *q);

/* Take a connection of that address: what to give back, or NULL: it has all
 * that it may have, or there is no memory. */
struct quota_one *
quota_take(struct quota *q, const struct meet_addr *a);
void
quota_give(struct quota_one *o);

/* Take a place in a pair beside it: 0 or -1; and give it back. */
int
quota_pair(struct quota_one *o);
void
quota_unpair(struct quota_one *o);

/* Count an attempt at a number room: 0, or -1 if there were too many in the
 * minute before now (ms). */
int
quota_try(struct quota_one *o, int64_t now);

/* Forget addresses that have nothing and whose minute is over.  Call it now and
 * then. */
void
quota_sweep(struct quota *q, int64_t now);

#endif
