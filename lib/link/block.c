/* block: what a link packet is made of, byte for byte (chat-wire(5), LINK).
 * SPDX-License-Identifier: ISC */
#include "base/be.h"
#include "link/block.h"

enum { AGE_UNIT = 8 }; /* us */
const uint64_t block_window[BLOCK_STREAMS] = {256 << 10, 64 << 20};

int
block_stream(uint8_t kind)
{
	return kind == FRAME_BYTES ? BLOCK_BULK : BLOCK_TEXT;
}

static void
be48_put(uint8_t *p, uint64_t n)
{
	be16_put(p, (uint16_t)(n >> 32));
	be32_put(p + 2, (uint32_t)n);
}

static uint64_t
be48_get(const uint8_t *p)
{
	return (uint64_t)be16_get(p) << 32 | be32_get(p + 2);
}

size_t
block_put_prefix(uint8_t *out, const struct block_prefix *p)
{
	out[0] = BLOCK_VERSION;
	out[1] = p->asks != 0;
	out[2] = p->wish;
	out[3] = 0;
	return BLOCK_PREFIX;
}

size_t
block_put_ack(uint8_t *out, const struct block_ack *a)
{
	uint32_t age = a->age / AGE_UNIT;
	unsigned i;

	out[0] = 'A';
	out[1] = (uint8_t)a->n;
	be32_put(out + 2, a->newest);
	be16_put(out + 6, (uint16_t)(age > UINT16_MAX ? UINT16_MAX : age));
	be32_put(out + 8, a->oneway);
	be16_put(out + 12, a->run);
	for (i = 0; i < a->n; i++) {
		be16_put(out + BLOCK_ACK + 4 * i, a->range[i].missing);
		be16_put(out + BLOCK_ACK + 4 * i + 2, a->range[i].run);
	}
	return BLOCK_ACK + (size_t)BLOCK_RANGE * a->n;
}

size_t
block_put_limits(uint8_t *out, const uint64_t limit[static BLOCK_STREAMS])
{
	out[0] = 'W';
	out[1] = 0;
	be48_put(out + 2, limit[0]);
	be48_put(out + 8, limit[1]);
	return BLOCK_LIMITS;
}

size_t
block_put_bytes(uint8_t *out, const struct block_bytes *b, size_t n)
{
	out[0] = 'S';
	out[1] = b->stream;
	be16_put(out + 2, (uint16_t)n);
	be48_put(out + 4, b->at);
	return BLOCK_BYTES;
}

size_t
block_put_part(uint8_t *out, const struct block_part *p, size_t n)
{
	out[0] = 'P';
	out[1] = p->kind;
	out[2] = p->flags;
	out[3] = 0;
	be32_put(out + 4, p->number);
	be32_put(out + 8, p->size);
	be16_put(out + 12, p->part);
	be16_put(out + 14, p->each);
	be32_put(out + 16, p->lowest);
	be64_put(out + 20, p->time);
	be16_put(out + 28, (uint16_t)n);
	return BLOCK_PART;
}

size_t
block_put_voice(uint8_t *out, const struct block_voice *v, size_t n)
{
	out[0] = 'V';
	out[1] = 0;
	be32_put(out + 2, v->number);
	be64_put(out + 6, v->time);
	be16_put(out + 14, (uint16_t)n);
	return BLOCK_VOICE;
}

int
block_get_prefix(struct block_prefix *out, const uint8_t **p, size_t *n)
{
	if (*n < BLOCK_PREFIX || (*p)[0] != BLOCK_VERSION)
		return -1;
	out->asks = (*p)[1] & 1;
	out->wish = (*p)[2];
	*p += BLOCK_PREFIX;
	*n -= BLOCK_PREFIX;
	return 0;
}

/* The length of the block of n bytes at p; 0 if it is unknown or cut. */
static size_t
length(const uint8_t *p, size_t n)
{
	switch (p[0]) {
	case 'A':
		return n < BLOCK_ACK || p[1] > BLOCK_RANGES
		           ? 0
		           : BLOCK_ACK + (size_t)BLOCK_RANGE * p[1];
	case 'W':
		return BLOCK_LIMITS;
	case 'S':
		return n < BLOCK_BYTES ? 0 : BLOCK_BYTES + be16_get(p + 2);
	case 'P':
		return n < BLOCK_PART ? 0 : BLOCK_PART + be16_get(p + 28);
	case 'V':
		return n < BLOCK_VOICE ? 0 : BLOCK_VOICE + be16_get(p + 14);
	default:
		return 0;
	}
}

static void
get_ack(struct block_ack *a, const uint8_t *p)
{
	unsigned i;

	a->n = p[1];
	a->newest = be32_get(p + 2);
	a->age = (uint32_t)be16_get(p + 6) * AGE_UNIT;
	a->oneway = be32_get(p + 8);
	a->run = be16_get(p + 12);
	for (i = 0; i < a->n; i++) {
		a->range[i].missing = be16_get(p + BLOCK_ACK + 4 * i);
		a->range[i].run = be16_get(p + BLOCK_ACK + 4 * i + 2);
	}
}

static void
get_part(struct block_part *t, const uint8_t *p)
{
	t->kind = p[1];
	t->flags = p[2];
	t->number = be32_get(p + 4);
	t->size = be32_get(p + 8);
	t->part = be16_get(p + 12);
	t->each = be16_get(p + 14);
	t->lowest = be32_get(p + 16);
	t->time = be64_get(p + 20);
}

int
block_get(struct block *b, const uint8_t **p, size_t *n)
{
	const uint8_t *at = *p;
	size_t len = *n > 0 ? length(at, *n) : 0, head = len;

	if (len == 0 || len > *n)
		return 0;
	b->type = at[0];
	switch (b->type) {
	case 'A':
		get_ack(&b->ack, at);
		break;
	case 'W':
		b->limit[0] = be48_get(at + 2);
		b->limit[1] = be48_get(at + 8);
		break;
	case 'S':
		b->bytes.stream = at[1];
		b->bytes.at = be48_get(at + 4);
		head = BLOCK_BYTES;
		break;
	case 'P':
		get_part(&b->part, at);
		head = BLOCK_PART;
		break;
	case 'V':
		b->voice.number = be32_get(at + 2);
		b->voice.time = be64_get(at + 6);
		head = BLOCK_VOICE;
		break;
	}
	b->data = at + head;
	b->n = len - head;
	*p += len;
	*n -= len;
	return 1;
}
