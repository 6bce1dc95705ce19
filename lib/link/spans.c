/* spans: a set of integers, kept as sorted ranges.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "link/spans.h"

size_t
spans_find(const struct spans *s, uint64_t x)
{
	size_t low = 0, high = s->n, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (s->v[mid].to < x)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Make room for one more range.  0 or -1. */
static int
grow(struct spans *s)
{
	size_t want = (s->n + 1) * sizeof(*s->v);

	if (want <= s->room)
		return 0;
	return buf_grow(&s->v, &s->room, s->room ? 2 * s->room : 16 * want);
}

/* Replace the ranges from i to j by n ranges. */
static void
replace(struct spans *s, size_t i, size_t j, const struct span *by, size_t n)
{
	if (s->n > j)
		memmove(s->v + i + n, s->v + j, (s->n - j) * sizeof(*s->v));
	if (n > 0)
		memcpy(s->v + i, by, n * sizeof(*by));
	s->n = s->n - (j - i) + n;
}

int
spans_add(struct spans *s, uint64_t from, uint64_t to)
{
	struct span one = {from, to};
	size_t i, j;

	if (from >= to)
		return 0;
	if (grow(s) == -1)
		return -1;
	i = spans_find(s, from);
	for (j = i; j < s->n && s->v[j].from <= to; j++) {
		if (s->v[j].from < one.from)
			one.from = s->v[j].from;
		if (s->v[j].to > one.to)
			one.to = s->v[j].to;
	}
	replace(s, i, j, &one, 1);
	return 0;
}

int
spans_remove(struct spans *s, uint64_t from, uint64_t to)
{
	struct span rest[2];
	size_t i = spans_find(s, from + 1), j, n = 0;

	if (from >= to || i == s->n || s->v[i].from >= to)
		return 0;
	if (grow(s) == -1)
		return -1;
	if (s->v[i].from < from)
		rest[n++] = (struct span){s->v[i].from, from};
	for (j = i; j < s->n && s->v[j].from < to; j++)
		;
	if (s->v[j - 1].to > to)
		rest[n++] = (struct span){to, s->v[j - 1].to};
	replace(s, i, j, rest, n);
	return 0;
}

void
spans_forget(struct spans *s, size_t count)
{
	replace(s, 0, count, NULL, 0);
}

void
spans_free(struct spans *s)
{
	free(s->v);
	*s = (struct spans){0};
}
