/* cut: a message cut into frames (chat-wire(5), FRAMES).
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "cut.h"

void
cut_begin(struct cut *c, const struct message *m, size_t most)
{
	c->m = *m;
	c->most = most;
	c->piece = 0;
	c->pieces = m->n == 0 ? 1 : (uint32_t)((m->n + most - 1) / most);
}

size_t
cut_next(struct cut *c, uint8_t *out, size_t cap)
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
cut_left(const struct cut *c)
{
	return c->pieces - c->piece;
}
