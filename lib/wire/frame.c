/* frame: the 24-byte header of the frames between chat-open and chat-seal
 * (chat-wire(5), FRAMES).
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/be.h"
#include "wire/frame.h"

enum { LINK_LEAST = 4 }; /* least bytes of a link packet */

void
frame_put(uint8_t head[static FRAME_HEAD], const struct frame *f)
{
	head[0] = f->kind;
	head[1] = f->flags;
	be16_put(head + 2, f->len);
	be32_put(head + 4, f->number);
	be16_put(head + 8, f->piece);
	be16_put(head + 10, f->pieces);
	be32_put(head + 12, 0);
	be64_put(head + 16, f->time);
}

int
frame_get(struct frame *f, const uint8_t head[static FRAME_HEAD])
{
	f->kind = head[0];
	f->flags = head[1];
	f->len = be16_get(head + 2);
	f->number = be32_get(head + 4);
	f->piece = be16_get(head + 8);
	f->pieces = be16_get(head + 10);
	f->time = be64_get(head + 16);

	if (f->len > FRAME_DATA || f->pieces == 0 || f->piece >= f->pieces ||
	    be32_get(head + 12) != 0)
		return -1;
	switch (f->kind) {
	case FRAME_TEXT:
	case FRAME_AUDIO:
	case FRAME_BYTES:
		return f->flags == 0 ? 0 : -1;
	case FRAME_JPEG:
	case FRAME_IVF:
		return (f->flags & ~FRAME_KEYPIC) == 0 ? 0 : -1;
	case FRAME_KEYPLEASE:
	case FRAME_DELIVERED:
		return f->flags == 0 && f->pieces == 1 && f->len == 0 ? 0 : -1;
	case FRAME_LINK:
		return f->flags == 0 && f->pieces == 1 &&
		               f->len >= LINK_LEAST && f->len <= FRAME_DGRAM
		           ? 0
		           : -1;
	case FRAME_END:
		return (f->flags & ~FRAME_HANGUP) == 0 && f->pieces == 1 &&
		               f->len == 0
		           ? 0
		           : -1;
	default:
		return -1;
	}
}

int
frame_feed(struct frame_in *in, const uint8_t **p, size_t *n, struct frame *f)
{
	size_t want, k;

	while (*n > 0) {
		want = FRAME_HEAD;
		if (in->have >= FRAME_HEAD)
			want += be16_get(in->buf + 2);
		k = want - in->have < *n ? want - in->have : *n;
		memcpy(in->buf + in->have, *p, k);
		in->have += k;
		*p += k;
		*n -= k;
		if (in->have < FRAME_HEAD)
			return 0;
		if (frame_get(f, in->buf) == -1)
			return -1;
		if (in->have < (size_t)FRAME_HEAD + f->len)
			continue;
		in->have = 0;
		return 1;
	}
	return 0;
}

void
frame_cut_begin(struct frame_cut *c, const struct message *m, size_t most)
{
	c->m = *m;
	c->most = most;
	c->piece = 0;
	c->pieces = m->n == 0 ? 1 : (uint32_t)((m->n + most - 1) / most);
}

size_t
frame_cut_next(struct frame_cut *c, uint8_t *out, size_t cap)
{
	size_t at = c->piece * c->most, n = c->m.n - at;
	struct frame f;

	if (c->piece == c->pieces)
		return 0;
	if (n > c->most)
		n = c->most;
	if (FRAME_HEAD + n > cap)
		return 0;
	f.kind = c->m.kind;
	f.flags = c->m.flags;
	f.len = (uint16_t)n;
	f.number = c->m.number;
	f.piece = (uint16_t)c->piece++;
	f.pieces = (uint16_t)c->pieces;
	f.time = c->m.time;
	frame_put(out, &f);
	if (n > 0)
		memcpy(out + FRAME_HEAD, c->m.data + at, n);
	return FRAME_HEAD + n;
}

uint32_t
frame_cut_left(const struct frame_cut *c)
{
	return c->pieces - c->piece;
}
