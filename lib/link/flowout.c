/* flowout: a stream of bytes on its way to the other side, sent again until it is
 * there.
 * SPDX-License-Identifier: ISC */
#include "link/flowout.h"

enum {
	SHORT = 600, /* bytes that may go again, */
	AGAIN = 15000 /* us later */
};

int
flowout_put(struct flowout *f, const uint8_t *p, size_t n)
{
	if (n == 0)
		return 0;
	if (ring_fit(&f->ring, f->low, f->end + n) == -1)
		return -1;
	ring_put(&f->ring, f->end, p, n);
	f->end += n;
	return 0;
}

int
flowout_waits(const struct flowout *f)
{
	return f->lost.n > 0 || (f->next < f->end && f->next < f->limit);
}

long
flowout_give(struct flowout *f, uint8_t *out, size_t room, uint64_t *at)
{
	uint64_t to;

	if (f->lost.n > 0) {
		*at = f->lost.v[0].from;
		to = f->lost.v[0].to;
	} else {
		*at = f->next;
		to = f->end < f->limit ? f->end : f->limit;
	}
	if (to <= *at)
		return 0;
	if (to - *at > room)
		to = *at + room;
	if (f->lost.n > 0 && spans_remove(&f->lost, *at, to) == -1)
		return -1;
	if (to > f->next)
		f->next = to;
	ring_get(&f->ring, *at, out, (size_t)(to - *at));
	return (long)(to - *at);
}

int
flowout_arrived(struct flowout *f, uint64_t at, size_t n)
{
	if (at + n <= f->low)
		return 0;
	if (spans_add(&f->there, at, at + n) == -1 ||
	    spans_remove(&f->lost, at, at + n) == -1)
		return -1;
	if (f->there.v[0].from <= f->low) {
		f->low = f->there.v[0].to;
		spans_forget(&f->there, 1);
	}
	return 0;
}

int
flowout_lost(struct flowout *f, uint64_t at, size_t n)
{
	uint64_t from = at > f->low ? at : f->low, to = at + n;
	size_t i;

	if (from >= to)
		return 0;
	if (spans_add(&f->lost, from, to) == -1)
		return -1;
	for (i = spans_find(&f->there, from);
	     i < f->there.n && f->there.v[i].from < to; i++)
		if (spans_remove(
		        &f->lost, f->there.v[i].from, f->there.v[i].to) == -1)
			return -1;
	return 1;
}

void
flowout_repeat(
    struct flowout *f, uint64_t from, size_t n, int times, int64_t now)
{
	if (f->repeats > 0 && from == f->repeat_from + f->repeat_n &&
	    f->repeat_n + n < SHORT) {
		from = f->repeat_from;
		n += f->repeat_n;
	}
	f->repeats = n < SHORT ? times : 0;
	f->repeat_at = now + AGAIN;
	f->repeat_from = from;
	f->repeat_n = n;
}

int64_t
flowout_repeat_at(const struct flowout *f)
{
	return f->repeats > 0 ? f->repeat_at : INT64_MAX;
}

int
flowout_again(struct flowout *f, int64_t now)
{
	if (now < flowout_repeat_at(f))
		return 0;
	f->repeats--;
	f->repeat_at = now + AGAIN;
	return flowout_lost(f, f->repeat_from, f->repeat_n) == -1 ? -1 : 1;
}

void
flowout_free(struct flowout *f)
{
	ring_free(&f->ring);
	spans_free(&f->there);
	spans_free(&f->lost);
}
