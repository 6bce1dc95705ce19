/* proxy: the PROXY protocol, version 2, in front of a connection: whom a
 * balancer speaks for.
 * SPDX-License-Identifier: ISC */
#ifndef PROXY_H
#define PROXY_H

#include <stddef.h>
#include <stdint.h>

#include "meet/meet.h"

enum {
	PROXY_HEAD = 16,
	PROXY_MAX = 536 /* bytes of addresses and what may follow them */
};

/* Read a head of PROXY_HEAD bytes: how many bytes follow, or -1: it is none, or
 * they are more than PROXY_MAX. */
int
proxy_head(const uint8_t p[static PROXY_HEAD]);

/* Read a whole header of PROXY_HEAD bytes and the n that follow: the client's
 * address, or for the balancer's own connections (LOCAL), and for families
 * without addresses, *a is left as it was.  0, or -1 if it is malformed. */
int
proxy_get(struct meet_addr *a, const uint8_t *p, size_t n);

#endif
