/* flowin: a stream of frames, whose bytes arrive in any order and more than
 * once.
 * SPDX-License-Identifier: ISC */
#include "base/be.h"
#include "link/flowin.h"

enum { HOLES = 16384 }; /* of at most 65,536 packets in flight */

void
flowin_init(struct flowin *f, uint64_t window)
{
	*f = (struct flowin){.window = window};
}

/* The end of the bytes that are complete from the beginning. */
static uint64_t
in_order(const struct flowin *f)
{
	return f->came.n > 0 && f->came.v[0].from <= f->taken ? f->came.v[0].to
	                                                      : f->taken;
}

int
flowin_take(struct flowin *f, uint64_t at, const uint8_t *p, size_t n)
{
	uint64_t from = in_order(f), to = at + n;

	/* Bytes in order were already used: keep them. */
	if (at > from)
		from = at;
	if (to > f->taken + f->window || from >= to)
		return 0;
	if (ring_fit(&f->ring, f->taken, to) == -1)
		return -2;
	ring_put(&f->ring, from, p + (from - at), (size_t)(to - from));
	if (spans_add(&f->came, from, to) == -1)
		return -2;
	return f->came.n > HOLES ? -1 : 0;
}

int
flowin_look(struct flowin *f, struct frame *out)
{
	uint8_t head[FRAME_HEAD];
	uint64_t end = in_order(f);

	if (f->over || end < f->seen || end - f->seen < FRAME_HEAD)
		return 0;
	ring_get(&f->ring, f->seen, head, FRAME_HEAD);
	if (frame_get(out, head) == -1)
		return -1;
	f->over = out->kind == FRAME_END;
	f->seen += FRAME_HEAD + out->len;
	return 1;
}

int
flowin_end(const struct flowin *f, uint8_t out[static FRAME_HEAD])
{
	if (f->taken >= f->seen)
		return 0;
	ring_get(&f->ring, f->taken, out, FRAME_HEAD);
	return out[0] == FRAME_END;
}

size_t
flowin_frame(const struct flowin *f, uint8_t *out)
{
	uint64_t there = in_order(f) - f->taken;
	size_t n;

	if (f->taken >= f->seen)
		return 0;
	ring_get(&f->ring, f->taken, out, FRAME_HEAD);
	n = FRAME_HEAD + be16_get(out + 2);
	if (there < n)
		return 0;
	ring_get(
	    &f->ring, f->taken + FRAME_HEAD, out + FRAME_HEAD, n - FRAME_HEAD);
	return n;
}

void
flowin_next(struct flowin *f, size_t n)
{
	f->taken += n;
	if (f->came.n > 0 && f->came.v[0].to <= f->taken)
		spans_forget(&f->came, 1);
}

int
flowin_news(const struct flowin *f)
{
	return f->taken + f->window > f->told + f->window / 8;
}

uint64_t
flowin_tell(struct flowin *f)
{
	f->told = f->taken + f->window;
	return f->told;
}

void
flowin_free(struct flowin *f)
{
	ring_free(&f->ring);
	spans_free(&f->came);
}
