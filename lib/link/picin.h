/* picin: pictures as their parts come in, given out whole and in order.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_PICIN_H
#define LINK_PICIN_H

#include "link/block.h"
#include "wire/frame.h"

enum {
	PICIN_KEPT = 64, /* pictures */
	PICIN_BYTES = 16 << 20, /* of all of them */
	PICIN_WAIT =
	    300000, /* us that a whole one waits for those before it, */
	PICIN_WAIT_KEY = 60000, /* that can be decoded by itself, */
	PICIN_STALE = 300000 /* and any waits for its reader */
};

struct picin_picture {
	uint8_t *data; /* all parts; NULL: none came */
	uint8_t *have; /* a byte for each */
	uint8_t **spare; /* the repair parts that came */
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
	uint32_t next; /* to be given out */
	int begun; /* next is known */
	uint32_t given; /* bytes of it that are out already */
	int64_t turn_at; /* us since when it could be given out; 0: it cannot */
	unsigned long recovered, stale;
};

void
picin_init(struct picin *in, uint8_t kind);
void
picin_free(struct picin *in);

/* A part came.  What breaks a rule, or does not fit, is dropped.  0, or -1 if
 * there is no memory. */
int
picin_take(struct picin *in, const struct block_part *p, const uint8_t *data,
    size_t n, int64_t now);

/* Pass by what is missing for too long, and drop what nobody reads. */
void
picin_expire(struct picin *in, int64_t now);

/* When picin_expire has something to do; INT64_MAX: never. */
int64_t
picin_due(const struct picin *in);

/* The next frame, at most FRAME_MAX bytes at out, or 0. */
size_t
picin_frame(struct picin *in, uint8_t *out);

#endif
