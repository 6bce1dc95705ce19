/* ack: which packets arrived, and when to acknowledge them.
 * SPDX-License-Identifier: ISC */
#include "link/ack.h"

enum {
	KEPT = 512, /* ranges */
	DELAY = 8000, /* us that an acknowledgement may wait */
	LEAST = 250, /* least us between two */
	AGAIN = 100000 /* us after which to repeat one that may be lost */
};

void
ack_init(struct ack *a, int64_t now)
{
	*a = (struct ack){.told_at = now - AGAIN, .wish = DELAY / BLOCK_WISH};
}

int
ack_came(struct ack *a, uint32_t number, uint64_t time,
    const struct block_prefix *p, int64_t now)
{
	int first = a->came.n == 0;
	/* Unwrap the number to the one nearest to the newest; counting begins
	 * high, so that older ones are not below 0. */
	uint64_t full =
	    first
	        ? (1ull << 32) + number
	        : a->newest + (uint64_t)(int32_t)(number - (uint32_t)a->newest);
	int newer = first || full > a->newest;

	if (!first && (!newer || full != a->newest + 1))
		a->gap = 1;
	if (spans_add(&a->came, full, full + 1) == -1)
		return -1;
	if (a->came.n > KEPT)
		spans_forget(&a->came, KEPT / 4);
	if (newer) {
		a->newest = full;
		a->newest_at = now;
		a->oneway = (uint32_t)((uint64_t)now - time);
	}
	if (p->asks) {
		a->wish = p->wish;
		if (a->waiting++ == 0)
			a->waits_since = now;
	}
	return 0;
}

int64_t
ack_due(const struct ack *a)
{
	int64_t delay = (int64_t)a->wish * BLOCK_WISH, due;

	if (a->waiting == 0)
		return INT64_MAX;
	if (delay > DELAY)
		delay = DELAY;
	due = a->gap ? a->told_at : a->waits_since + delay;
	if (a->waiting >= 2 && a->told_at + delay / 2 < due)
		due = a->told_at + delay / 2;
	return due < a->told_at + LEAST ? a->told_at + LEAST : due;
}

int
ack_news(const struct ack *a, int64_t now)
{
	return a->waiting > 0 || (a->came.n > 0 && a->told_at < a->newest_at &&
	                             now > a->told_at + AGAIN);
}

void
ack_tell(struct ack *a, struct block_ack *out, size_t room, int64_t now)
{
	const struct span *s = a->came.v + a->came.n - 1;
	unsigned most = (unsigned)((room - BLOCK_ACK) / BLOCK_RANGE);
	uint64_t low = s->from, run = s->to - s->from - 1, missing;
	int64_t age = now - a->newest_at;

	*out = (struct block_ack){.newest = (uint32_t)a->newest,
	    .age = age > INT32_MAX ? INT32_MAX : (uint32_t)age,
	    .oneway = a->oneway,
	    .run = (uint16_t)run};
	if (most > BLOCK_RANGES)
		most = BLOCK_RANGES;
	if (run > UINT16_MAX) {
		out->run = UINT16_MAX;
		most = 0;
	}
	while (out->n < most && s-- > a->came.v) {
		missing = low - s->to;
		run = s->to - s->from - 1;
		if (missing > UINT16_MAX)
			break;
		out->range[out->n++] = (struct block_range){(uint16_t)missing,
		    (uint16_t)(run > UINT16_MAX ? UINT16_MAX : run)};
		if (run > UINT16_MAX)
			break;
		low = s->from;
	}
	a->waiting = 0;
	a->gap = 0;
	a->told_at = now;
}
