/* picin: pictures reassembled from their parts, given out whole and in order.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "link/picin.h"
#include "link/repair.h"

enum { PART = 1146 }; /* most bytes of a part */

void
picin_init(struct picin *in, uint8_t kind)
{
	*in = (struct picin){.kind = kind};
}

static struct picin_picture *
at(struct picin *in, uint32_t number)
{
	return &in->p[number % PICIN_KEPT];
}

/* Is picture `number` whole? */
static int
whole(const struct picin *in, uint32_t number)
{
	const struct picin_picture *p = &in->p[number % PICIN_KEPT];

	return p->data && p->whole && p->number == number;
}

/* A picture's share of PICIN_BYTES. */
static size_t
cost(unsigned parts, size_t each)
{
	return parts * each + parts + sizeof(struct picin_picture);
}

static void
drop(struct picin *in, struct picin_picture *p)
{
	if (!p->data)
		return;
	in->bytes -= cost(p->parts, p->each) + p->spares * (size_t)p->each;
	while (p->spares > 0)
		free(p->spare[--p->spares]);
	free(p->spare);
	free(p->repair);
	free(p->have);
	free(p->data);
	*p = (struct picin_picture){0};
}

void
picin_free(struct picin *in)
{
	unsigned i;

	for (i = 0; i < PICIN_KEPT; i++)
		drop(in, &in->p[i]);
}

/* Advance to that number, dropping what is before it. */
static void
skip_to(struct picin *in, uint32_t number)
{
	unsigned i;

	for (i = 0; i < PICIN_KEPT; i++)
		if (in->p[i].data && in->p[i].number - number > UINT32_MAX / 2)
			drop(in, &in->p[i]);
	in->next = number;
	in->given = 0;
	in->turn_at = 0;
}

/* The sender has given up numbers below that.  Whole ones are still given
 * out. */
static void
lowest(struct picin *in, uint32_t number)
{
	uint32_t i, to;

	if (!in->begun) {
		in->begun = 1;
		in->next = number;
	}
	if (number - in->next - 1 >= UINT32_MAX / 2)
		return; /* not above it */
	to = number;
	for (i = 0; i < PICIN_KEPT; i++)
		if (whole(in, in->next + i) &&
		    in->next + i - number > UINT32_MAX / 2) {
			to = in->next + i;
			break;
		}
	if (to != in->next)
		skip_to(in, to);
}

/* Begin a picture from one of its parts.  1; 0: it does not fit; -1: no
 * memory. */
static int
begin(struct picin *in, struct picin_picture *q, const struct block_part *p,
    unsigned parts)
{
	if (in->bytes + cost(parts, p->each) > PICIN_BYTES)
		return 0;
	/* malloc does not touch pages: a lying size costs no memory. */
	q->data = malloc(parts * (size_t)p->each);
	q->have = calloc(parts, 1);
	if (!q->data || !q->have) {
		free(q->data);
		free(q->have);
		*q = (struct picin_picture){0};
		return -1;
	}
	q->number = p->number;
	q->size = p->size;
	q->flags = p->flags;
	q->each = p->each;
	q->parts = parts;
	q->time = p->time;
	in->bytes += cost(parts, p->each);
	return 1;
}

/* Keep a repair part.  1; 0: a duplicate, or too many; -1: no memory. */
static int
keep_spare(
    struct picin *in, struct picin_picture *q, unsigned r, const uint8_t *data)
{
	unsigned i;

	if (r >= REPAIR_MORE || q->parts > REPAIR_PARTS ||
	    in->bytes + q->each > PICIN_BYTES)
		return 0;
	for (i = 0; i < q->spares; i++)
		if (q->repair[i] == r)
			return 0;
	if (!q->spare)
		q->spare = calloc(REPAIR_MORE, sizeof(*q->spare));
	if (!q->repair)
		q->repair = calloc(REPAIR_MORE, 1);
	if (!q->spare || !q->repair)
		return -1;
	q->spare[q->spares] = malloc(q->each);
	if (!q->spare[q->spares])
		return -1;
	memcpy(q->spare[q->spares], data, q->each);
	q->repair[q->spares++] = (uint8_t)r;
	in->bytes += q->each;
	return 1;
}

static int
keep(struct picin *in, struct picin_picture *q, const struct block_part *p,
    const uint8_t *data)
{
	if (p->part >= q->parts)
		return keep_spare(in, q, p->part - q->parts, data);
	if (q->have[p->part])
		return 0;
	q->have[p->part] = 1;
	q->got++;
	memcpy(q->data + (size_t)p->part * q->each, data, q->each);
	return 1;
}

int
picin_take(struct picin *in, const struct block_part *p, const uint8_t *data,
    size_t n, int64_t now)
{
	struct picin_picture *q = at(in, p->number);
	unsigned parts;
	int r;

	if (p->each == 0 || p->each > PART || p->each != n || p->size == 0 ||
	    p->size > FRAME_MESSAGE || p->flags & ~FRAME_KEYPIC)
		return 0;
	parts = (p->size + p->each - 1u) / p->each;
	if (p->part >= parts + REPAIR_MORE)
		return 0;
	lowest(in, p->lowest);
	/* The reader is far behind: start anew; it notices the gap. */
	if (p->number - in->next >= PICIN_KEPT && whole(in, in->next) &&
	    p->number - in->next < UINT32_MAX / 2) {
		in->stale += PICIN_KEPT;
		skip_to(in, p->number);
	}
	if (p->number - in->next >= PICIN_KEPT)
		return 0;
	if (!q->data && (r = begin(in, q, p, parts)) != 1)
		return r;
	if (q->whole || q->size != p->size || q->each != p->each)
		return 0;
	r = keep(in, q, p, data);
	if (r != 1 || q->got + q->spares < q->parts)
		return r == -1 ? -1 : 0;
	if (q->got < q->parts) {
		if (repair_fill(q->data, q->have, q->parts, q->spare, q->repair,
		        q->spares, q->each) == -1)
			return 0;
		in->recovered++;
	}
	q->whole = 1;
	q->whole_at = now;
	if (q->number == in->next)
		in->turn_at = now;
	return 0;
}

/* The next whole picture after a gap, and when to skip the gap. */
static int
behind_gap(const struct picin *in, uint32_t *number, int64_t *when)
{
	const struct picin_picture *p;
	uint32_t i;

	for (i = 1; i < PICIN_KEPT; i++) {
		if (!whole(in, in->next + i))
			continue;
		p = &in->p[(in->next + i) % PICIN_KEPT];
		*number = in->next + i;
		*when = p->whole_at +
		        (p->flags & FRAME_KEYPIC ? PICIN_WAIT_KEY : PICIN_WAIT);
		return 1;
	}
	return 0;
}

void
picin_expire(struct picin *in, int64_t now)
{
	uint32_t number;
	int64_t when;

	while (in->begun && in->given == 0) {
		if (whole(in, in->next)) {
			if (in->turn_at == 0)
				in->turn_at = now;
			if (now <= in->turn_at + PICIN_STALE)
				return;
			in->stale++;
			skip_to(in, in->next + 1);
			continue;
		}
		if (!behind_gap(in, &number, &when) || now <= when)
			return;
		skip_to(in, number);
	}
}

int64_t
picin_due(const struct picin *in)
{
	uint32_t number;
	int64_t when;

	if (!in->begun || in->given > 0)
		return INT64_MAX;
	if (whole(in, in->next))
		return in->turn_at + PICIN_STALE + 1;
	return behind_gap(in, &number, &when) ? when + 1 : INT64_MAX;
}

size_t
picin_frame(struct picin *in, uint8_t *out)
{
	struct picin_picture *p = at(in, in->next);
	struct frame f;
	uint32_t n;

	if (!in->begun || !whole(in, in->next))
		return 0;
	n = p->size - in->given;
	if (n > FRAME_DATA)
		n = FRAME_DATA;
	f = (struct frame){.kind = in->kind,
	    .flags = p->flags,
	    .len = (uint16_t)n,
	    .number = p->number,
	    .piece = (uint16_t)(in->given / FRAME_DATA),
	    .pieces = (uint16_t)((p->size + FRAME_DATA - 1) / FRAME_DATA),
	    .time = p->time};
	frame_put(out, &f);
	memcpy(out + FRAME_HEAD, p->data + in->given, n);
	in->given += n;
	if (in->given == p->size)
		skip_to(in, in->next + 1);
	return FRAME_HEAD + n;
}
