/* lips: delay pictures until their sound is heard.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "video/lips.h"

void
lips_sound(struct lips *l, int64_t age, int64_t now)
{
	l->age = age;
	l->told = now;
}

int64_t
lips_wait(const struct lips *l, int64_t age, int64_t now)
{
	int64_t wait = l->age - LIPS_BEFORE - age;

	if (!l->told || now - l->told > LIPS_STALE || wait < 0)
		return 0;
	return wait < LIPS_LONGEST ? wait : LIPS_LONGEST;
}

int
lips_put(struct lips *l, const struct y4m *y, const uint8_t *pic, uint64_t time,
    uint64_t seen, int64_t wait, int64_t now)
{
	struct lips_picture *p = &l->p[(l->first + l->n) % LIPS_PICTURES];
	size_t bytes = y4m_bytes(y);
	uint8_t *more;

	if (l->n == LIPS_PICTURES)
		return -1;
	if (p->room < bytes) {
		more = realloc(p->pic, bytes);
		if (!more)
			return -1;
		p->pic = more;
		p->room = bytes;
	}
	memcpy(p->pic, pic, bytes);
	p->y4m = *y;
	p->time = time;
	p->seen = seen;
	p->due = now + wait;
	l->n++;
	return 0;
}

const struct lips_picture *
lips_take(struct lips *l, int64_t now)
{
	struct lips_picture *p = &l->p[l->first];

	if (l->n == 0 || p->due > now)
		return NULL;
	l->first = (l->first + 1) % LIPS_PICTURES;
	l->n--;
	return p;
}

int
lips_next(const struct lips *l, int ms, int64_t now)
{
	int64_t left = l->n > 0 ? (l->p[l->first].due - now + 999) / 1000 : ms;

	return left < 0 ? 0 : left < ms ? (int)left : ms;
}

void
lips_free(struct lips *l)
{
	int i;

	for (i = 0; i < LIPS_PICTURES; i++)
		free(l->p[i].pic);
}
