/* batch: datagram records that go to the network in one call.
 * SPDX-License-Identifier: ISC */
#ifndef BATCH_H
#define BATCH_H

#include "packet.h"

enum { BATCH_ROOM = 64 << 10 };

/* Begin with all zero but the first. */
struct batch {
	int out; /* a connected UDP socket */
	unsigned long refused; /* how often ICMP said that nobody is there */
	int64_t sent; /* tick_ms() of the last call */
	int single; /* this way takes no batches */
	/* Datagrams of one size; the last may be less. */
	uint8_t buf[BATCH_ROOM];
	size_t at, size, n;
};

/* Seal n bytes as one datagram behind those that wait.  What the network says
 * of a datagram, or does to it, is no failure.  0; -1 and errno for a socket
 * that is none. */
int
batch_put(
    struct batch *b, struct packet_out *p, const uint8_t *plain, size_t n);

/* Send those that wait.  As batch_put. */
int
batch_flush(struct batch *b);

#endif
