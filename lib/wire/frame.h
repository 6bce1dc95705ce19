/* frame: the 24-byte header of the frames between chat-open and chat-seal
 * (chat-wire(5), FRAMES).
 * SPDX-License-Identifier: ISC */
#ifndef FRAME_H
#define FRAME_H

#include <stddef.h>
#include <stdint.h>

enum {
	FRAME_HEAD = 24,
	FRAME_DATA = 4072, /* most payload: a frame is at most PIPE_BUF */
	FRAME_MAX = FRAME_HEAD + FRAME_DATA,
	FRAME_DGRAM = 1184 /* payload that fits a 1,280-byte IPv6 packet */
};
#define FRAME_MESSAGE (16u << 20) /* most bytes in a message */

enum frame_kind {
	FRAME_TEXT = 't',
	FRAME_JPEG = 'j',
	FRAME_IVF = 'i',
	FRAME_AUDIO = 'a',
	FRAME_BYTES = 'b',
	FRAME_KEYPLEASE = 'k',
	FRAME_DELIVERED = 'd', /* number: the last line that was shown */
	FRAME_LINK = 'l', /* a packet of chat-link's */
	FRAME_END = 'e'
};

/* Bit 0 of flags. */
enum {
	FRAME_KEYPIC = 1, /* on pictures: can be decoded by itself */
	FRAME_HANGUP = 1 /* on FRAME_END: the writer wants both sides to end */
};

struct frame {
	uint8_t kind; /* a FRAME_ letter */
	uint8_t flags;
	uint16_t len; /* bytes of payload in this piece, at most FRAME_DATA */
	/* Number of the message within its kind, from 0, wraps.  Of FRAME_END 1
	 * + the t and b messages written, or 0 if its writer does not know. */
	uint32_t number;
	uint16_t piece, pieces; /* index from 0; at least one piece */
	uint64_t time; /* microseconds since 1970: captured or typed */
};

/* A message, before cutting or reassembled: at most FRAME_MESSAGE bytes. */
struct message {
	uint8_t kind, flags;
	uint32_t number;
	uint64_t time;
	const uint8_t *data; /* may be NULL where n is 0 */
	size_t n;
};

_Static_assert(FRAME_MAX == 4096, "a frame fits PIPE_BUF");

/* Write f as FRAME_HEAD bytes. */
void
frame_put(uint8_t head[static FRAME_HEAD], const struct frame *f);

/* Read a header.  0, or -1 if malformed: unknown kind or flag, length over
 * FRAME_DATA, no pieces, index not below pieces, a reserved bit set, or an e or
 * k that is not one empty piece. */
int
frame_get(struct frame *f, const uint8_t head[static FRAME_HEAD]);

/* A frame that arrives in parts.  Begin with zeros. */
struct frame_in {
	uint8_t buf[FRAME_MAX];
	size_t have;
};

/* Take some of the *n bytes at *p, moving both on.  1: a whole frame, its
 * header in f and its payload at in->buf + FRAME_HEAD until the next call; 0:
 * all n bytes are used up; -1: malformed. */
int
frame_feed(struct frame_in *in, const uint8_t **p, size_t *n, struct frame *f);

/* Smallest allowed limit for a piece: FRAME_MESSAGE bytes must not need more
 * pieces than 16 bits count. */
#define FRAME_CUT_LEAST 257

struct frame_cut {
	struct message m;
	size_t most;
	uint32_t piece, pieces;
};

/* Begin with a message of at most FRAME_MESSAGE bytes, which must stay in place
 * until the last piece is out.  most: bytes of payload in each piece but the
 * last, FRAME_CUT_LEAST to FRAME_DATA. */
void
frame_cut_begin(struct frame_cut *c, const struct message *m, size_t most);

/* Write the next frame to out.  Its length; 0 if cap is too small or none is
 * left. A cap of FRAME_MAX is never too small. */
size_t
frame_cut_next(struct frame_cut *c, uint8_t *out, size_t cap);

/* Pieces still to come; 0 for a struct of zeros. */
uint32_t
frame_cut_left(const struct frame_cut *c);

#endif
