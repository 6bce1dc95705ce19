/* quota: limits for each address at the relay.
 * SPDX-License-Identifier: ISC */
#ifndef QUOTA_H
#define QUOTA_H

#include <stdint.h>

#include "meet/meet.h"

enum {
	QUOTA_PAIRS = 32, /* pairs for an address */
	QUOTA_TRIES = 20 /* number rooms that an address may try in a minute */
};

/* The account of an IPv4 address, or of the /64 of an IPv6 one. */
struct quota_one;
struct quota;

/* Allow each address so many connections.  NULL: no memory. */
struct quota *
quota_new(int connections, const uint64_t key[static 2]);
void
quota_free(struct quota *q);

/* Count a connection of that address: its account, or NULL: too many, or no
 * memory. */
struct quota_one *
quota_take(struct quota *q, const struct meet_addr *a);
void
quota_give(struct quota_one *o);

/* Count a pair, too: 0 or -1; and end that. */
int
quota_pair(struct quota_one *o);
void
quota_unpair(struct quota_one *o);

/* Count a try at a number room: 0, or -1 if there were too many in the last
 * minute before now (ms). */
int
quota_try(struct quota_one *o, int64_t now);

/* Forget unused accounts whose minute is over.  Call it now and then. */
void
quota_sweep(struct quota *q, int64_t now);

#endif
