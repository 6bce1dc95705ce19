/* ack: which packets came, and when the other side is to be told.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_ACK_H
#define LINK_ACK_H

#include "link/block.h"
#include "link/spans.h"

struct ack {
	struct spans came; /* numbers, counted on beyond 32 bits */
	uint64_t newest;
	int64_t newest_at; /* us, when it came */
	uint32_t oneway;
	unsigned waiting; /* packets that want to be told of */
	int gap; /* one is missing, or came late: tell at once */
	int64_t waits_since, told_at;
	uint8_t wish; /* the other side's, in BLOCK_WISH */
};

void
ack_init(struct ack *a, int64_t now);

/* A packet came; its number and time are the frame's.  0, or -1 if there is no
 * memory. */
int
ack_came(struct ack *a, uint32_t number, uint64_t time,
    const struct block_prefix *p, int64_t now);

/* When to tell; INT64_MAX: there is nothing to tell. */
int64_t
ack_due(const struct ack *a);

/* Ought a packet that goes anyway to tell? */
int
ack_news(const struct ack *a, int64_t now);

/* The news, of at most room bytes; it counts as told. */
void
ack_tell(struct ack *a, struct block_ack *out, size_t room, int64_t now);

#endif
