/* proxy: the PROXY protocol, version 2, by which a load balancer names the
 * client.
 * SPDX-License-Identifier: ISC */
#ifndef PROXY_H
#define PROXY_H

#include <stddef.h>
#include <stdint.h>

#include "meet/meet.h"

enum {
	PROXY_HEAD = 16,
	PROXY_MAX = 536 /* most bytes of addresses and extensions */
};

/* Read a head of PROXY_HEAD bytes: how many bytes follow, or -1: not such a
 * head, or more than PROXY_MAX follow. */
int
proxy_head(const uint8_t p[static PROXY_HEAD]);

/* Read a whole header, PROXY_HEAD bytes and the n that follow, and set *a to
 * the client's address; *a stays for the balancer's own connections (LOCAL) and
 * unknown families.  0, or -1 if malformed. */
int
proxy_get(struct meet_addr *a, const uint8_t *p, size_t n);

#endif
