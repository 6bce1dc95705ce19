/* path: what the acknowledgements tell of the path: its time, its queue, and how
 * much it delivers.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "link/block.h"
#include "link/path.h"

enum {
	UNKNOWN = 100000, /* us, before the first sample */
	FRESH_LEAST = 20000, /* us */
	FRESH_MOST = 100000,
	JITTER_MOST = 100000, /* us that we put up with */
	AT_ONCE = 1000, /* us in which a train goes */
	PATIENCE = 30000, /* us, at least */
	PATIENCE_FIRST = 250000, /* before the first sample */
	ACK_DELAY = 8000 /* us that an acknowledgement may wait there */
};
static const double packet = 1260; /* bytes */
static const double fading = 0.93; /* of the most, each round */

static int64_t
min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void
path_init(struct path *p, int64_t now)
{
	*p = (struct path){.rtt = UNKNOWN,
	    .least = UNKNOWN,
	    .leasts = {INT64_MAX, INT64_MAX},
	    .oneways = {INT64_MAX, INT64_MAX},
	    .while_since = now};
}

void
path_sample(struct path *p, int64_t sent_at, int64_t rtt, uint32_t oneway,
    int64_t own, int64_t keep, int64_t now)
{
	int64_t queue;

	if (p->samples++ == 0) {
		p->rtt = rtt;
		p->var = rtt / 2;
		p->oneway = oneway;
	}
	p->oneway += (int32_t)(oneway - (uint32_t)p->oneway);
	p->sent = sent_at;
	p->arrival = sent_at + p->oneway;
	p->var += (llabs(rtt - p->rtt) - p->var) / 4;
	p->rtt += (rtt - p->rtt) / 8;
	if (now > p->while_since + keep) {
		p->while_since = now;
		p->leasts[1] = p->leasts[0];
		p->oneways[1] = p->oneways[0];
		p->leasts[0] = p->oneways[0] = INT64_MAX;
	}
	p->leasts[0] = min(p->leasts[0], rtt);
	p->oneways[0] = min(p->oneways[0], p->oneway);
	p->least = min(p->leasts[0], p->leasts[1]);
	/* Clocks drift, which the round trip does not know; the way back has
	 * queues, which the one-way time does not know. */
	queue =
	    min(p->oneway - min(p->oneways[0], p->oneways[1]), rtt - p->least);
	/* Sixteen times the mean of the jumps that are not ours. */
	own = queue - p->queue - own;
	p->jitter += (own > 0 ? own / 2 : 0) - p->jitter / 32;
	p->jitter = min(p->jitter, JITTER_MOST);
	p->queue = queue;
}

/* The rate from the newest point back to one that is long enough before. */
static void
fresh(struct path *p, double rate)
{
	const struct path_point *a, *b = &p->history[p->newest];
	double span = 8 * packet / rate * 1e6;
	unsigned i;

	if (span < FRESH_LEAST)
		span = FRESH_LEAST;
	if (span > FRESH_MOST)
		span = FRESH_MOST;
	span += (double)p->jitter;
	for (i = 1; i < PATH_HISTORY - 1; i++) {
		a = &p->history[(p->newest - i) % PATH_HISTORY];
		if (a->at == 0)
			return;
		if ((double)(b->at - a->at) < span && i < PATH_HISTORY - 2)
			continue;
		p->fresh = (double)(b->bytes - a->bytes) * 1e6 /
		           (double)(b->at - a->at);
		return;
	}
}

/* A train, to which b may belong, takes much longer to arrive than to be sent. */
static void
train(struct path *p, const struct path_point *b)
{
	const struct path_point *end = &p->history[p->newest], *a = &p->train;

	if (a->at && b->sent < a->sent + AT_ONCE &&
	    4 * (b->sent - a->sent) < b->at - a->at)
		return;
	if ((double)(end->bytes - a->bytes) >= packet)
		p->spread[p->trains++ % PATH_TRAINS] =
		    (double)(end->bytes - a->bytes) * 1e6 /
		    (double)(end->at - a->at);
	p->train = *b;
}

void
path_delivered(struct path *p, uint64_t bytes, int round, double rate)
{
	const struct path_point point = {p->sent, p->arrival, bytes};

	if (p->round_arrival == 0) {
		p->round_arrival = p->arrival;
		p->round_bytes = bytes;
	}
	if (round && p->arrival > p->round_arrival) {
		p->delivered = (double)(bytes - p->round_bytes) * 1e6 /
		               (double)(p->arrival - p->round_arrival);
		p->round_arrival = p->arrival;
		p->round_bytes = bytes;
		p->most *= fading;
		if (p->most < p->delivered)
			p->most = p->delivered;
	}
	if (p->arrival <= p->history[p->newest].at &&
	    p->history[p->newest].at != 0)
		return;
	train(p, &point);
	p->newest = (p->newest + 1) % PATH_HISTORY;
	p->history[p->newest] = point;
	fresh(p, rate);
}

void
path_forget_least(struct path *p)
{
	p->leasts[0] = p->leasts[1] = INT64_MAX;
	p->oneways[0] = p->oneways[1] = INT64_MAX;
}

void
path_forget_rate(struct path *p)
{
	memset(p->history, 0, sizeof(p->history));
	p->train.at = p->trains = 0;
}

int64_t
path_patience(const struct path *p)
{
	int64_t var = 4 * p->var, t;

	if (p->samples == 0)
		return PATIENCE_FIRST;
	t = p->rtt + (var > 4000 ? var : 4000) + ACK_DELAY;
	return t > PATIENCE ? t : PATIENCE;
}

uint8_t
path_wish(const struct path *p)
{
	int64_t w = p->least / 4 / BLOCK_WISH;

	return (uint8_t)(w < 1 ? 1 : w > UINT8_MAX ? UINT8_MAX : w);
}
