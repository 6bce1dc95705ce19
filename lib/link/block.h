/* block: what a link packet is made of, byte for byte (chat-wire(5), LINK).
 * SPDX-License-Identifier: ISC */
#ifndef LINK_BLOCK_H
#define LINK_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "wire/frame.h"

enum {
	BLOCK_VERSION = 1,
	BLOCK_PREFIX = 4, /* before the first block */
	BLOCK_ACK = 14, /* and BLOCK_RANGE for each range more */
	BLOCK_RANGE = 4,
	BLOCK_RANGES = 64,
	BLOCK_LIMITS = 14,
	BLOCK_BYTES = 10, /* and the bytes, in each of these */
	BLOCK_PART = 30,
	BLOCK_VOICE = 16,
	BLOCK_WISH = 250 /* us, the unit of the ack wish */
};

/* The streams of S by their numbers, the bytes that each may have beyond what
 * was taken, and the one of frames of that kind. */
enum { BLOCK_TEXT, BLOCK_BULK, BLOCK_STREAMS };
extern const uint64_t block_window[BLOCK_STREAMS];
int
block_stream(uint8_t kind);

/* The payload's first bytes. */
struct block_prefix {
	int asks; /* this packet wants to be acknowledged */
	uint8_t wish; /* how soon, in BLOCK_WISH */
};

struct block_range {
	uint16_t missing; /* numbers between this range and the one above */
	uint16_t run; /* numbers in it, less one */
};

struct block_ack {
	uint32_t newest;
	uint32_t age; /* us since it came */
	uint32_t oneway; /* us, by clocks that do not agree, mod 2^32 */
	uint16_t run; /* of the range that ends with it, less one */
	unsigned n;
	struct block_range range[BLOCK_RANGES]; /* downwards */
};

struct block_bytes {
	uint8_t stream;
	uint64_t at;
};

struct block_part {
	uint8_t kind, flags; /* the picture's */
	uint32_t number, size; /* of the picture; its bytes */
	uint16_t part; /* from the count of parts on: repair */
	uint16_t each; /* bytes of a part */
	uint32_t lowest; /* number that is still cared for */
	uint64_t time;
};

struct block_voice {
	uint32_t number;
	uint64_t time;
};

struct block {
	uint8_t type; /* A W S P V */
	union {
		struct block_ack ack;
		uint64_t limit[BLOCK_STREAMS];
		struct block_bytes bytes;
		struct block_part part;
		struct block_voice voice;
	};
	const uint8_t *data; /* of S, P and V */
	size_t n;
};

/* Write the start of a payload, or a block without its bytes: how many bytes
 * that were. */
size_t
block_put_prefix(uint8_t *out, const struct block_prefix *p);
size_t
block_put_ack(uint8_t *out, const struct block_ack *a);
size_t
block_put_limits(uint8_t *out, const uint64_t limit[static BLOCK_STREAMS]);
size_t
block_put_bytes(uint8_t *out, const struct block_bytes *b, size_t n);
size_t
block_put_part(uint8_t *out, const struct block_part *p, size_t n);
size_t
block_put_voice(uint8_t *out, const struct block_voice *v, size_t n);

/* Read the start of a payload, moving *p and *n on.  0, or -1 if it is none of
 * this version. */
int
block_get_prefix(struct block_prefix *out, const uint8_t **p, size_t *n);

/* Read the next block, moving *p and *n on.  1; 0: there is none, or one of an
 * unknown type, or a cut one. */
int
block_get(struct block *b, const uint8_t **p, size_t *n);

#endif
