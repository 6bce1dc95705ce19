/* picout: pictures on their way to the other side, in parts, repaired and sent
 * again, but given up when they are late.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "link/picout.h"
#include "link/repair.h"

enum { NOT_SENT, UNDER_WAY, AGAIN, ARRIVED, LOST };

enum { ROOM = 65536 }; /* bytes a picture begins with */

void
picout_init(struct picout *o, uint8_t kind)
{
	*o = (struct picout){.kind = kind};
}

/* Where the picture of that number stands. */
static size_t
place(uint32_t number)
{
	return number % PICOUT_KEPT;
}

static void
drop(struct picout_picture *p)
{
	free(p->data);
	free(p->state);
	*p = (struct picout_picture){0};
}

void
picout_free(struct picout *o)
{
	unsigned i;

	for (i = 0; i < PICOUT_KEPT; i++)
		drop(&o->p[i]);
	free(o->data);
}

/* Go on to the lowest that is not there yet, nor given up. */
static void
advance(struct picout *o)
{
	while (o->low != o->next && !o->p[place(o->low)].data)
		o->low++;
}

/* The place of the first picture that waits to go, or -1. */
static int
waiting(const struct picout *o)
{
	uint32_t i;

	for (i = o->low; i != o->next; i++)
		if (o->p[place(i)].data && o->p[place(i)].waiting > 0)
			return (int)place(i);
	return -1;
}

int
picout_room(const struct picout *o)
{
	return o->pieces > 0 ||
	       (waiting(o) == -1 && o->next - o->low < PICOUT_KEPT);
}

size_t
picout_waits(const struct picout *o)
{
	const struct picout_picture *p;
	size_t n = 0;
	uint32_t i;

	for (i = o->low; i != o->next; i++) {
		p = &o->p[place(i)];
		if (p->data)
			n += (size_t)p->waiting * p->each;
	}
	return n;
}

/* So many repair parts that what is still lost for good, after what time allows
 * to be sent again, is rare. */
unsigned
picout_repairs(unsigned parts, const struct picout_path *path)
{
	int64_t rounds = 200000 / (path->rtt + 50000);
	double p = path->loss, want, none, sum, c;
	unsigned m, i;

	if (rounds >= 3 || parts > REPAIR_PARTS ||
	    p < (rounds == 2 ? 0.05 : 0.005))
		return 0;
	want = rounds == 2 ? 0.15 : rounds == 1 ? 0.03 : 0.005;
	for (none = 1, i = 0; i < parts; i++)
		none *= 1 - p;
	for (m = 0; m < parts && m < REPAIR_MORE; m++, none *= 1 - p) {
		/* The chance that at most m of all are lost. */
		for (sum = 0, c = none, i = 0; i <= m; i++) {
			sum += c;
			c *= (double)(parts + m - i) / (i + 1) * p / (1 - p);
		}
		if (1 - sum < want)
			break;
	}
	return m;
}

/* The picture that was put in is whole: it becomes parts. */
static int
begin(struct picout *o, const struct frame *f, const struct picout_path *path,
    int64_t now)
{
	struct picout_picture *p = &o->p[place(o->next)];
	unsigned parts = (unsigned)((o->n + PICOUT_PART - 1) / PICOUT_PART);
	unsigned repairs = picout_repairs(parts, path);
	size_t each = parts ? (o->n + parts - 1) / parts : 0;
	uint8_t *data;

	o->pieces = 0;
	o->next++;
	drop(p);
	if (parts == 0) { /* a gap */
		advance(o);
		return 0;
	}
	p->state = calloc(parts + repairs, 1);
	data = p->state ? realloc(o->data, parts * each) : NULL;
	if (!data) {
		drop(p);
		return -2;
	}
	o->data = NULL;
	memset(data + o->n, 0, parts * each - o->n);
	p->data = data;
	p->number = f->number;
	p->size = (uint32_t)o->n;
	p->flags = f->flags;
	p->each = (uint16_t)each;
	p->parts = parts;
	p->repairs = repairs;
	p->waiting = parts + repairs;
	p->time = f->time;
	p->born = now;
	return 0;
}

/* A picture's first frame.  Numbers may leave some out. */
static int
first(struct picout *o, const struct frame *f)
{
	uint32_t i;

	if (f->piece != 0)
		return -1;
	free(o->data);
	o->cap = f->pieces > 1 ? ROOM : FRAME_DATA;
	o->data = malloc(o->cap);
	if (!o->data)
		return -2;
	if (f->number - o->next >= PICOUT_KEPT)
		o->low = f->number;
	for (i = 0; i < PICOUT_KEPT; i++)
		if (o->p[i].data && f->number - o->p[i].number >= PICOUT_KEPT)
			drop(&o->p[i]);
	while (f->number - o->low >= PICOUT_KEPT)
		o->low++;
	o->next = f->number;
	o->n = 0;
	o->piece = 0;
	o->pieces = f->pieces;
	advance(o);
	return 0;
}

int
picout_put(struct picout *o, const struct frame *f, const uint8_t *payload,
    const struct picout_path *path, int64_t now)
{
	uint32_t ahead = f->number - o->next;
	int r;

	if (ahead > UINT32_MAX / 2)
		return 0;
	if (o->pieces == 0 && (r = first(o, f)) != 0)
		return r;
	if (f->number != o->next || f->piece != o->piece ||
	    f->pieces != o->pieces || o->n + f->len > FRAME_MESSAGE)
		return -1;
	if (o->n + f->len > o->cap &&
	    buf_grow(&o->data, &o->cap, 2 * o->cap) == -1)
		return -2;
	memcpy(o->data + o->n, payload, f->len);
	o->n += f->len;
	if (++o->piece < o->pieces)
		return 0;
	return begin(o, f, path, now);
}

size_t
picout_give(struct picout *o, uint8_t *out, size_t room, uint32_t *number,
    uint16_t *part)
{
	struct picout_picture *p;
	struct block_part head;
	int at = waiting(o);
	unsigned i, all;

	if (at == -1 || BLOCK_PART + (size_t)o->p[at].each > room)
		return 0;
	p = &o->p[at];
	all = p->parts + p->repairs;
	for (i = 0; i < all; i++)
		if (p->state[i] == NOT_SENT || p->state[i] == AGAIN)
			break;
	p->state[i] = UNDER_WAY;
	p->waiting--;
	*number = p->number;
	*part = (uint16_t)i;
	head = (struct block_part){o->kind, p->flags, p->number, p->size,
	    (uint16_t)i, p->each, o->low, p->time};
	out += block_put_part(out, &head, p->each);
	if (i < p->parts)
		memcpy(out, p->data + (size_t)i * p->each, p->each);
	else
		repair_make(out, p->data, p->parts, i - p->parts, p->each);
	return BLOCK_PART + (size_t)p->each;
}

/* The picture of that number, if it is still cared for and that part of it is
 * not known to be there. */
static struct picout_picture *
unsettled(struct picout *o, uint32_t number, uint16_t part)
{
	struct picout_picture *p = &o->p[place(number)];

	return p->data && p->number == number && part < p->parts + p->repairs &&
	               p->state[part] != ARRIVED
	           ? p
	           : NULL;
}

void
picout_arrived(struct picout *o, uint32_t number, uint16_t part)
{
	struct picout_picture *p = unsettled(o, number, part);

	if (!p)
		return;
	if (p->state[part] == AGAIN)
		p->waiting--;
	p->state[part] = ARRIVED;
	if (++p->arrived < p->parts)
		return;
	drop(p);
	advance(o);
}

int
picout_lost(struct picout *o, uint32_t number, uint16_t part)
{
	struct picout_picture *p = unsettled(o, number, part);
	unsigned alive, i, all, again = 0;

	if (!p || p->state[part] != UNDER_WAY)
		return 0;
	p->state[part] = LOST;
	all = p->parts + p->repairs;
	/* Only as many go again as make all parts there, on their way or
	 * waiting. */
	alive = p->arrived + p->waiting;
	for (i = 0; i < all; i++)
		alive += p->state[i] == UNDER_WAY;
	for (i = 0; i < all && alive < p->parts; i++)
		if (p->state[i] == LOST) {
			p->state[i] = AGAIN;
			p->waiting++;
			o->resent++;
			alive++;
			again = 1;
		}
	return (int)again;
}

/* Enough of it is there or on its way, and not known to be lost. */
static int
hopeful(const struct picout_picture *p)
{
	unsigned alive = p->arrived, i;

	for (i = 0; i < p->parts + p->repairs; i++)
		alive += p->state[i] == UNDER_WAY;
	return alive >= p->parts;
}

int
picout_expire(struct picout *o, int64_t rtt, int64_t now)
{
	struct picout_picture *p;
	int count = 0;
	uint32_t i;

	for (i = o->low; i != o->next; i++) {
		p = &o->p[place(i)];
		if (!p->data || now <= p->born + PICOUT_LATE)
			continue;
		if (now < p->born + PICOUT_LATE + rtt && hopeful(p))
			continue;
		drop(p);
		o->given_up++;
		count++;
	}
	advance(o);
	return count;
}

int64_t
picout_due(const struct picout *o)
{
	return o->low != o->next ? o->p[place(o->low)].born + PICOUT_LATE + 1
	                         : INT64_MAX;
}
