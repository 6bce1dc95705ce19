/* picin: pictures reassembled from their parts, given out whole and in order.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_PICIN_H
#define LINK_PICIN_H

#include "link/block.h"
#include "wire/frame.h"

enum {
	PICIN_KEPT = 64, /* pictures */
	PICIN_BYTES = 16 << 20, /* of all of them */
	PICIN_WAIT =
	    300000, /* us that a whole picture waits for those before it, */
	PICIN_WAIT_KEY = 60000, /* if it can be decoded by itself, */
	PICIN_STALE = 300000 /* and that any picture waits for its reader */
};

struct picin_picture {
	uint8_t *data; /* all parts; NULL: none arrived */
	uint8_t *have; /* a byte for each */
	uint8_t **spare; /* repair parts that arrived */
	uint8_t *repair; /* their numbers */
	unsigned spares;
	uint32_t number, size;
	uint8_t flags;
	uint16_t each;
	unsigned parts, got;
	uint64_t time;
	int whole;
	int64_t whole_at; /* us */
};

struct picin {
	uint8_t kind; /* i or j */
	struct picin_picture p[PICIN_KEPT];
	size_t bytes;
	uint32_t next; /* next to be given out */
	int begun; /* next is known */
	uint32_t given; /* bytes of it already given out */
	int64_t turn_at; /* us since when it could be; 0: it cannot */
	unsigned long recovered, stale;
};

void
picin_init(struct picin *in, uint8_t kind);
void
picin_free(struct picin *in);

/* A part arrived; it is dropped if it is malformed or does not fit.  0, or -1:
 * no memory. */
int
picin_take(struct picin *in, const struct block_part *p, const uint8_t *data,
    size_t n, int64_t now);

/* Skip pictures missing for too long, and drop those that are not read. */
void
picin_expire(struct picin *in, int64_t now);

/* When to call picin_expire; INT64_MAX: no need. */
int64_t
picin_due(const struct picin *in);

/* Copy the next frame to out, at most FRAME_MAX bytes.  Its length, or 0. */
size_t
picin_frame(struct picin *in, uint8_t *out);

#endif
