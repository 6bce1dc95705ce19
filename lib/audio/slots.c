/* slots: the payload of a message of sound (chat-wire(5), SOUND).
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "audio/slots.h"
#include "base/be.h"

enum { MUTED = 1, DEAF = 2, MOST_LOST = 128, MOST_RUNS = 64 };

size_t
slots_put(uint8_t out[static SLOTS_PAYLOAD], const struct slots *s)
{
	size_t at = SLOTS_HEAD;
	unsigned i;

	be32_put(out, s->slot);
	out[4] = (uint8_t)((s->muted ? MUTED : 0) | (s->deaf ? DEAF : 0));
	out[5] = s->lost;
	out[6] = s->runs;
	out[7] = 0;
	for (i = 0; i < s->n; i++) {
		if (at + SLOTS_CODED_HEAD + s->coded[i].n > SLOTS_PAYLOAD)
			break;
		out[at] = s->coded[i].back;
		be16_put(out + at + 1, s->coded[i].n);
		memcpy(out + at + SLOTS_CODED_HEAD, s->coded[i].data,
		    s->coded[i].n);
		at += SLOTS_CODED_HEAD + s->coded[i].n;
	}
	return at;
}

int
slots_get(struct slots *s, const uint8_t *p, size_t n)
{
	size_t at = SLOTS_HEAD;
	struct slots_coded *c;

	memset(s, 0, sizeof(*s));
	if (n < SLOTS_HEAD || n > SLOTS_PAYLOAD || p[5] > MOST_LOST ||
	    p[6] > MOST_RUNS || p[6] > p[5] || p[7] != 0)
		return -1;
	s->slot = be32_get(p);
	s->muted = (p[4] & MUTED) != 0;
	s->deaf = (p[4] & DEAF) != 0;
	s->lost = p[5];
	s->runs = p[6];
	for (; at < n; at += SLOTS_CODED_HEAD + c->n) {
		if (s->n == SLOTS_CODED || n - at < SLOTS_CODED_HEAD)
			return -1;
		c = &s->coded[s->n];
		c->back = p[at];
		c->n = be16_get(p + at + 1);
		c->data = p + at + SLOTS_CODED_HEAD;
		if (c->n == 0 || c->n > SLOTS_BYTES || c->back > SLOTS_BACK ||
		    c->n > n - at - SLOTS_CODED_HEAD)
			return -1;
		/* The first is the slot's own; each later one is older. */
		if (s->n == 0 ? c->back != 0 : c->back <= c[-1].back)
			return -1;
		s->n++;
	}
	return 0;
}
