/* anyorder: messages reassembled from frames that may be reordered, doubled or
 * lost (chat-wire(5), FRAMES).
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "wire/anyorder.h"

static const char kinds[ANYORDER_KINDS + 1] = "tjiabk";

/* A message under way.  Pieces go to their places in buf, which is allocated
 * once a piece other than the last tells the length of pieces; a last piece
 * that comes earlier waits in tail. */
struct slot {
	uint16_t pieces, got; /* pieces 0: the slot is free */
	uint8_t flags;
	uint64_t time;
	size_t step; /* bytes of each piece but the last; 0: not known */
	size_t n; /* bytes in all, once the last piece has come */
	size_t charge;
	uint8_t *buf, *tail;
	uint8_t *seen; /* a bit for each piece; stands after the bytes in buf */
	int64_t when; /* clock_ms() when it became whole */
};

struct kind {
	uint32_t next; /* the number to give out next */
	uint32_t top; /* one more than the highest number seen */
	uint32_t floor; /* messages before it are not waited for */
	int64_t oldest; /* no later than the `when` of any whole message */
	size_t bytes;
	struct anyorder_count count;
	uint8_t missed[ANYORDER_WINDOW]; /* given up, no piece came since */
	struct slot slot[ANYORDER_WINDOW];
};

struct anyorder {
	const char *wanted;
	uint8_t *out; /* the last message given out */
	struct kind kind[ANYORDER_KINDS];
};

struct anyorder *
anyorder_new(const char *wanted)
{
	struct anyorder *l = calloc(1, sizeof(*l));
	int i;

	if (!l)
		return NULL;
	l->wanted = wanted;
	for (i = 0; i < ANYORDER_KINDS; i++)
		l->kind[i].oldest = INT64_MAX;
	return l;
}

static struct slot *
slot_of(struct kind *k, uint32_t number)
{
	return &k->slot[number % ANYORDER_WINDOW];
}

static void
clear(struct kind *k, struct slot *s)
{
	free(s->buf);
	free(s->tail);
	k->bytes -= s->charge;
	memset(s, 0, sizeof(*s));
}

void
anyorder_free(struct anyorder *l)
{
	int i, j;

	for (i = 0; i < ANYORDER_KINDS; i++)
		for (j = 0; j < ANYORDER_WINDOW; j++)
			clear(&l->kind[i], &l->kind[i].slot[j]);
	free(l->out);
	free(l);
}

static int
live(int i)
{
	return kinds[i] != FRAME_TEXT && kinds[i] != FRAME_BYTES;
}

static int
whole(const struct slot *s)
{
	return s->pieces > 0 && s->got == s->pieces;
}

/* Does the frame agree with the message's other pieces? */
static int
fits(const struct slot *s, const struct frame *f)
{
	int last = f->piece + 1 == f->pieces;
	size_t step = last ? s->step : f->len;

	if (f->pieces > 1 && f->len == 0)
		return 0;
	if (s->pieces > 0 && (f->pieces != s->pieces || f->flags != s->flags ||
	                         f->time != s->time))
		return 0;
	if (last && s->step > 0 && f->len > s->step)
		return 0;
	if (!last &&
	    ((s->step > 0 && s->step != step) || (s->tail && s->n > step)))
		return 0;
	return step * (f->pieces - 1u) + (last         ? f->len
	                                     : s->tail ? s->n
	                                               : 1) <=
	       FRAME_MESSAGE;
}

/* Give up the earliest message, to make room. */
static void
make_room(struct kind *k)
{
	uint32_t i;

	for (i = k->next; i != k->top; i++)
		if (slot_of(k, i)->pieces > 0)
			break;
	k->floor = i == k->top ? i : i + 1;
}

/* Allocate for the first piece of the message, or the first one that tells the
 * length of pieces.  0; 1: too much is kept already; -1: no memory. */
static int
reserve(struct kind *k, struct slot *s, const struct frame *f)
{
	int last = f->piece + 1 == f->pieces;
	size_t room =
	    last && f->pieces > 1 ? f->len : (size_t)f->len * f->pieces;
	size_t bits = (f->pieces + 7u) / 8;
	uint8_t *p;

	if (k->bytes + room + bits > ANYORDER_BYTES)
		return 1;
	/* malloc does not touch pages: a lying header costs no memory. */
	p = malloc(room + bits);
	if (!p)
		return -1;
	if (last && f->pieces > 1) {
		s->tail = p;
	} else {
		s->buf = p;
		s->seen = p + room;
		memset(s->seen, 0, bits);
		s->step = f->len;
	}
	s->charge += room + bits;
	k->bytes += room + bits;
	return 0;
}

/* Move the waiting last piece to its place. */
static void
place_tail(struct slot *s)
{
	if (!s->tail || !s->buf)
		return;
	memcpy(s->buf + s->step * (s->pieces - 1u), s->tail, s->n);
	s->seen[(s->pieces - 1) / 8] |= (uint8_t)(1 << (s->pieces - 1) % 8);
	s->n += s->step * (s->pieces - 1u);
	free(s->tail);
	s->tail = NULL;
}

static int
store(struct kind *k, struct slot *s, const struct frame *f, const uint8_t *p)
{
	int last = f->piece + 1 == f->pieces, r;

	if (!fits(s, f) || (s->tail && last))
		return 0;
	if (!s->buf && (r = reserve(k, s, f)) != 0)
		return r;
	s->pieces = f->pieces;
	s->flags = f->flags;
	s->time = f->time;
	if (s->tail && last) {
		memcpy(s->tail, p, f->len);
		s->n = f->len;
		s->got++;
		return 0;
	}
	place_tail(s);
	if (s->seen[f->piece / 8] & 1 << f->piece % 8)
		return 0;
	s->seen[f->piece / 8] |= (uint8_t)(1 << f->piece % 8);
	if (f->len > 0)
		memcpy(s->buf + s->step * f->piece, p, f->len);
	if (last)
		s->n = s->step * f->piece + f->len;
	s->got++;
	return 0;
}

int
anyorder_take(struct anyorder *l, const struct frame *f, const uint8_t *payload,
    int64_t now)
{
	const char *at = strchr(kinds, f->kind);
	uint8_t *missed;
	uint32_t ahead;
	struct kind *k;
	struct slot *s;
	int i, r;

	if (!at || !strchr(l->wanted, f->kind))
		return 0;
	i = (int)(at - kinds);
	k = &l->kind[i];
	s = slot_of(k, f->number);
	missed = &k->missed[f->number % ANYORDER_WINDOW];
	ahead = f->number - k->next;
	if (ahead > UINT32_MAX / 2) {
		if (-ahead <= ANYORDER_WINDOW && *missed) {
			*missed = 0;
			k->count.late++;
		}
		return 0;
	}
	if (ahead >= ANYORDER_WINDOW) {
		k->floor = f->number - ANYORDER_WINDOW + 1;
		return 1;
	}
	if (whole(s))
		return 0;
	r = store(k, s, f, payload);
	if (r == 1)
		make_room(k);
	if (r != 0)
		return r;
	if (ahead >= k->top - k->next)
		k->top = f->number + 1;
	if (whole(s)) {
		s->when = now;
		if (now < k->oldest)
			k->oldest = now;
		if (live(i))
			k->floor = f->number + 1;
	}
	return 0;
}

/* Wait no longer than ANYORDER_HOLD for what comes before a whole message. */
static void
expire(struct kind *k, int64_t now)
{
	const struct slot *s;
	uint32_t i;

	if (k->oldest == INT64_MAX || now < k->oldest + ANYORDER_HOLD)
		return;
	k->oldest = INT64_MAX;
	for (i = k->next; i != k->top; i++) {
		s = slot_of(k, i);
		if (!whole(s))
			continue;
		if (now >= s->when + ANYORDER_HOLD)
			k->floor = i + 1;
		else if (s->when < k->oldest)
			k->oldest = s->when;
	}
}

static void
give_out(struct anyorder *l, int i, struct message *m)
{
	struct kind *k = &l->kind[i];
	struct slot *s = slot_of(k, k->next);

	m->kind = (uint8_t)kinds[i];
	m->flags = s->flags;
	m->number = k->next;
	m->time = s->time;
	m->n = s->n;
	m->data = l->out = s->buf;
	s->buf = NULL;
	clear(k, s);
	k->missed[k->next++ % ANYORDER_WINDOW] = 0;
	k->count.whole++;
}

/* Advance k->next to the next whole message or to the floor.  1: there is
 * one. */
static int
advance(struct kind *k)
{
	struct slot *s;
	uint32_t gap;

	while (!whole(s = slot_of(k, k->next))) {
		gap = k->floor - k->next;
		if (gap == 0 || gap > UINT32_MAX / 2)
			return 0;
		/* Numbers farther apart than the window were never kept. */
		if (k->next == k->top && gap > ANYORDER_WINDOW) {
			k->count.incomplete += gap - ANYORDER_WINDOW;
			k->next = k->top = k->floor - ANYORDER_WINDOW;
			continue;
		}
		clear(k, s);
		k->missed[k->next % ANYORDER_WINDOW] = 1;
		k->count.incomplete++;
		if (k->next++ == k->top)
			k->top++;
	}
	return 1;
}

int
anyorder_next(struct anyorder *l, struct message *m, int64_t now)
{
	int i;

	free(l->out);
	l->out = NULL;
	for (i = 0; i < ANYORDER_KINDS; i++) {
		if (!live(i))
			expire(&l->kind[i], now);
		if (advance(&l->kind[i])) {
			give_out(l, i, m);
			return 1;
		}
		if (l->kind[i].next == l->kind[i].top)
			l->kind[i].oldest = INT64_MAX;
	}
	return 0;
}

int64_t
anyorder_due(const struct anyorder *l)
{
	int64_t due = INT64_MAX;
	int i;

	for (i = 0; i < ANYORDER_KINDS; i++)
		if (!live(i) && l->kind[i].oldest < due)
			due = l->kind[i].oldest;
	return due == INT64_MAX ? due : due + ANYORDER_HOLD;
}

void
anyorder_end(struct anyorder *l)
{
	int i;

	for (i = 0; i < ANYORDER_KINDS; i++)
		l->kind[i].floor = l->kind[i].top;
}

struct anyorder_count
anyorder_count(const struct anyorder *l, char kind)
{
	return l->kind[strchr(kinds, kind) - kinds].count;
}
