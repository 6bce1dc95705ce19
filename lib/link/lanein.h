/* lanein: what comes in a lane, by its rank, until the programs take it.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_LANEIN_H
#define LINK_LANEIN_H

#include "base/fault.h"
#include "link/ack.h"
#include "link/flowin.h"
#include "link/picin.h"
#include "link/voice.h"

/* A set of frame kinds. */
#define LANE_KIND(k) (1u << ((k) - 'a'))
#define LANE_TEXT                                                              \
	(LANE_KIND(FRAME_TEXT) | LANE_KIND(FRAME_DELIVERED) |                  \
	    LANE_KIND(FRAME_KEYPLEASE))
#define LANE_ALL                                                               \
	(LANE_TEXT | LANE_KIND(FRAME_AUDIO) | LANE_KIND(FRAME_IVF) |           \
	    LANE_KIND(FRAME_JPEG) | LANE_KIND(FRAME_BYTES))

enum {
	LANE_PACKET =
	    FRAME_HEAD + FRAME_DGRAM, /* most bytes of a link packet */
	LANE_PICTURES = 2, /* kinds of them, i and j */
	LANE_QUIET = 300000 /* us after the last packet that asked something */
};

struct lanein {
	struct ack ack;
	struct flowin flow[BLOCK_STREAMS];
	struct picin pic[LANE_PICTURES];
	struct voice voice;
	unsigned ignored; /* kinds */
	int untold; /* W is to be sent, or got lost */
	int key; /* a k waits to be got */
	int64_t key_at; /* our own coder was last asked */
	uint32_t key_number;
	int64_t asked_at; /* when the last packet came that wants A */
};

void
lanein_init(struct lanein *in, int64_t now);
void
lanein_free(struct lanein *in);

/* A packet came.  0, or -1: no memory. */
int
lanein_came(struct lanein *in, const struct frame *f,
    const struct block_prefix *p, int64_t now);

/* And in it a block of kind S, P or V.  0; -1 and a fault: it breaks a rule; -2:
 * not enough memory. */
int
lanein_take(
    struct lanein *in, const struct block *b, int64_t now, struct fault *bad);

/* When the other side is to be told something, or a late picture to be passed
 * by; INT64_MAX: never. */
int64_t
lanein_tells_at(const struct lanein *in);
int64_t
lanein_due(const struct lanein *in);
void
lanein_expire(struct lanein *in, int64_t now);

/* Write what the other side must be told to out, A first in an empty packet, W
 * if it fits: its length. */
size_t
lanein_put_ack(struct lanein *in, uint8_t *out, int64_t now);
size_t
lanein_put_limits(struct lanein *in, uint8_t *out, size_t room);

/* A picture of ours got lost: our own coder gets a k, but not too often. */
void
lanein_ask(struct lanein *in, int64_t now);

/* The next frame of those kinds, at most FRAME_MAX bytes at out: its length, 0:
 * none.  e is never among them. */
size_t
lanein_get(struct lanein *in, unsigned kinds, uint8_t *out, int64_t now);

/* These kinds have no reader: take and drop them. */
void
lanein_ignore(struct lanein *in, unsigned kinds);

/* The other side's e, once all before it was taken: 1, and it is at out,
 * FRAME_HEAD bytes; else 0. */
int
lanein_end(const struct lanein *in, uint8_t out[static FRAME_HEAD]);

/* Has everything of the other side, e included, come, taken or not? */
int
lanein_whole(const struct lanein *in);

#endif
