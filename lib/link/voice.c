/* voice: messages of sound, each sent once and given out once, or not at all.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "link/voice.h"

static void
push(struct voice_queue *q, uint32_t number, uint64_t time, const uint8_t *data,
    size_t n, int64_t now)
{
	struct voice_message *m = &q->m[q->end % VOICE_KEPT];

	if (q->end - q->first == VOICE_KEPT)
		q->first++;
	q->end++;
	m->number = number;
	m->time = time;
	m->born = now;
	m->n = (uint16_t)n;
	memcpy(m->data, data, n);
}

/* The first that is not stale, or NULL. */
static const struct voice_message *
head(struct voice_queue *q, int64_t now)
{
	const struct voice_message *m;

	for (; q->first != q->end; q->first++) {
		m = &q->m[q->first % VOICE_KEPT];
		if (now <= m->born + VOICE_STALE)
			return m;
	}
	return NULL;
}

void
voice_put(struct voice_queue *out, const struct frame *f,
    const uint8_t *payload, int64_t now)
{
	if (f->pieces == 1 && f->len <= VOICE_BYTES)
		push(out, f->number, f->time, payload, f->len, now);
}

int
voice_waits(struct voice_queue *out, int64_t now)
{
	return head(out, now) != NULL;
}

size_t
voice_give(struct voice_queue *q, uint8_t *out, size_t room, int64_t now)
{
	const struct voice_message *m = head(q, now);
	struct block_voice b;

	if (!m || BLOCK_VOICE + (size_t)m->n > room)
		return 0;
	b = (struct block_voice){m->number, m->time};
	memcpy(out + block_put_voice(out, &b, m->n), m->data, m->n);
	q->first++;
	return BLOCK_VOICE + (size_t)m->n;
}

/* Did that number come before?  Afterwards it did. */
static int
seen(struct voice *v, uint32_t number)
{
	uint32_t i, ahead;
	uint8_t *at, bit;

	if (!v->begun) {
		v->begun = 1;
		v->top = number;
	}
	ahead = number - v->top;
	if (ahead <= UINT32_MAX / 2) {
		for (i = 0; i <= ahead && i < VOICE_SEEN; i++)
			v->seen[(number - i) % VOICE_SEEN / 8] &=
			    (uint8_t) ~(1 << (number - i) % 8);
		v->top = number + 1;
	} else if (v->top - number > VOICE_SEEN) {
		return 1;
	}
	at = &v->seen[number % VOICE_SEEN / 8];
	bit = (uint8_t)(1 << number % 8);
	if (*at & bit)
		return 1;
	*at |= bit;
	return 0;
}

void
voice_take(struct voice *v, const struct block_voice *b, const uint8_t *data,
    size_t n, int64_t now)
{
	if (n <= VOICE_BYTES && !seen(v, b->number))
		push(&v->in, b->number, b->time, data, n, now);
}

size_t
voice_frame(struct voice *v, uint8_t *out, int64_t now)
{
	const struct voice_message *m = head(&v->in, now);
	struct frame f;

	if (!m)
		return 0;
	f = (struct frame){.kind = FRAME_AUDIO,
	    .len = m->n,
	    .number = m->number,
	    .pieces = 1,
	    .time = m->time};
	frame_put(out, &f);
	memcpy(out + FRAME_HEAD, m->data, m->n);
	v->in.first++;
	return FRAME_HEAD + (size_t)m->n;
}
