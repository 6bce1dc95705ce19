/* ack: which packets arrived, and when to acknowledge them.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_ACK_H
#define LINK_ACK_H

#include "link/block.h"
#include "link/spans.h"

struct ack {
	struct spans came; /* numbers, unwrapped beyond 32 bits */
	uint64_t newest;
	int64_t newest_at; /* us, when it arrived */
	uint32_t oneway;
	unsigned waiting; /* packets that ask for an acknowledgement */
	int gap; /* one is missing or was late: acknowledge at once */
	int64_t waits_since, told_at;
	uint8_t wish; /* the other side's wish, in BLOCK_WISH */
};

void
ack_init(struct ack *a, int64_t now);

/* A packet arrived, with the number and time of its frame.  0, or -1: no
 * memory. */
int
ack_came(struct ack *a, uint32_t number, uint64_t time,
    const struct block_prefix *p, int64_t now);

/* When to acknowledge; INT64_MAX: no need. */
int64_t
ack_due(const struct ack *a);

/* Should a packet that is sent anyway carry an acknowledgement? */
int
ack_news(const struct ack *a, int64_t now);

/* Build the acknowledgement, of at most room bytes; it counts as sent. */
void
ack_tell(struct ack *a, struct block_ack *out, size_t room, int64_t now);

#endif
