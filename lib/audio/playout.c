/* playout: coded frames that arrive at any time become sound at the time it is
 * due.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "audio/playout.h"
#include "audio/stretch.h"

enum {
	MS = 48, /* samples */
	SLOT = SLOTS_SAMPLES,
	FIRST = 20 * MS, /* delay beyond the first transit */
	COST = 40, /* ms of delay that one percent of late slots is worth */
	FEWEST = 100, /* transits needed before percents mean something */
	SPARE = 72, /* 1.5 ms beyond what was observed */
	BURST = 10 * MS, /* frames this close together arrived together */
	TOO_LATE = 200 * MS, /* delay off all recent transits: jump */
	GROW = 24, /* off the target by this much: lengthen, */
	SHRINK = 216, /* or shorten; */
	SHRINK_QUIET = 48, /* in silence, where that is inaudible */
	HASTE = 20 * MS, /* off by this much: at any cost to the sound */
	DAWDLE = 60 * MS,
	GAP = 5 /* slots concealed in a row, then silence */
};

/* Squared correlations at which speech may be lengthened, shortened. */
static const double alike = .6 * .6, very_alike = .75 * .75;

void
playout_open(struct playout *p, playout_decode *decode, void *decoder)
{
	memset(p, 0, sizeof(*p));
	p->decode = decode;
	p->decoder = decoder;
}

/* ---- transit times of slots ---- */

/* The index in p->sorted of the first that is not below t. */
static unsigned
rank(const struct playout *p, int64_t t)
{
	unsigned lo = 0, hi = p->n, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (p->sorted[mid] < t)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void
remember(struct playout *p, int64_t t)
{
	unsigned i;

	if (p->n == PLAYOUT_TRANSITS) {
		i = rank(p, p->transit[p->at]);
		p->n--;
		memmove(p->sorted + i, p->sorted + i + 1,
		    (p->n - i) * sizeof(*p->sorted));
	}
	i = rank(p, t);
	memmove(
	    p->sorted + i + 1, p->sorted + i, (p->n - i) * sizeof(*p->sorted));
	p->sorted[i] = t;
	p->n++;
	p->transit[p->at] = t;
	p->at = (p->at + 1) % PLAYOUT_TRANSITS;
}

/* Find the cheapest delay: a millisecond costs 1, each percent of slots that it
 * would make late costs COST. */
static void
aim(struct playout *p)
{
	double cost, least = 0, whole = p->n < FEWEST ? FEWEST : p->n;
	unsigned i;

	for (i = 0; i < p->n; i++) {
		cost = (double)(p->sorted[i] - p->sorted[0]) / MS +
		       COST * 100. * (p->n - 1 - i) / whole;
		if (i == 0 || cost < least) {
			least = cost;
			p->target = p->sorted[i] + p->want + SPARE;
		}
	}
}

/* ---- arriving frames ---- */

static void
begin(struct playout *p, int64_t slot, int64_t now)
{
	p->begun = 1;
	p->next = p->newest = slot;
	p->came_transit = now - slot * SLOT;
	p->came = now;
	p->delay = p->target = p->came_transit + FIRST;
	p->n = p->at = p->recent_n = p->behind = p->strays = p->gap = 0;
	p->fifo_n = 0;
	memset(p->ring, 0, sizeof(p->ring));
}

/* All recent slots came long before or after they were due: jump.  The fifo stays. */
static void
catch_up(struct playout *p)
{
	int64_t latest = p->recent[0], slots;
	unsigned i;

	for (i = 1; i < PLAYOUT_RECENT; i++)
		if (p->recent[i] > latest)
			latest = p->recent[i];
	if (p->recent_n < PLAYOUT_RECENT ||
	    (p->delay - latest <= TOO_LATE && p->behind < PLAYOUT_RECENT))
		return;
	p->n = p->at = p->behind = 0;
	for (i = 0; i < PLAYOUT_RECENT; i++)
		remember(p, p->recent[i]);
	aim(p);
	slots = (p->delay - p->target) / SLOT;
	p->next += slots;
	p->delay -= slots * SLOT;
	p->count.anew++;
}

/* 1 for slots far from all others. */
static int
astray(struct playout *p, int64_t slot)
{
	if (slot >= p->newest - PLAYOUT_PAST &&
	    slot <= p->next + PLAYOUT_AHEAD && slot > p->next - PLAYOUT_RING) {
		p->strays = 0;
		return 0;
	}
	p->count.strays++;
	if (++p->strays >= PLAYOUT_STRAY) {
		p->begun = 0;
		p->count.anew++;
	}
	return 1;
}

void
playout_put(struct playout *p, uint32_t slot, unsigned back,
    const uint8_t *data, size_t n, int64_t now)
{
	struct playout_slot *e;
	int64_t s, t;

	if (n == 0 || n > SLOTS_BYTES || back > SLOTS_BACK ||
	    (back > 0 && !p->begun))
		return;
	if (!p->begun)
		begin(p, (int64_t)slot + PLAYOUT_BASE, now);
	/* Unwrap the number to the slot nearest to what plays. */
	s = p->next + (int32_t)(slot - (uint32_t)(p->next - PLAYOUT_BASE)) -
	    back;
	if (astray(p, s))
		return;
	e = &p->ring[s % PLAYOUT_RING];
	if (e->seen && e->slot == s) {
		p->count.twice++;
		return;
	}
	if (e->have && e->slot > s)
		return;
	t = now - s * SLOT;
	if (s > p->newest)
		p->newest = s;
	/* A burst after a stall counts once. */
	if (back > 0 || t <= p->delay || p->came_transit <= t ||
	    now - p->came >= BURST)
		remember(p, t);
	e->slot = s;
	e->seen = 1;
	e->have = 0;
	if (s >= p->next) {
		e->have = back > 0 ? 2 : 1;
		e->n = n;
		memcpy(e->data, data, n);
	} else if (back == 0) {
		p->count.late++;
	}
	if (back == 0) {
		if (t <= p->delay + TOO_LATE)
			p->behind = 0;
		else if (now - p->came >= BURST)
			p->behind++;
		p->came = now;
		p->came_transit = t;
		p->recent[p->recent_n++ % PLAYOUT_RECENT] = t;
		catch_up(p);
	}
}

/* ---- playing ---- */

static double
energy(const int16_t x[static SLOT])
{
	double e = 0;
	int i;

	for (i = 0; i < SLOT; i++)
		e += (double)x[i] * x[i];
	return e / SLOT;
}

/* The largest change, so that the delay does not swing around its target: GROW
 * is smaller than SHRINK to leave room.  In silence the change is exact. */
static int
most_lag(int64_t off, int quiet)
{
	int64_t most = off > 0 ? off : -off;

	if (off > 0 && most < GROW + SHRINK && !quiet)
		most = GROW + SHRINK;
	return most < STRETCH_MOST ? (int)most : STRETCH_MOST;
}

/* Lengthen or shorten the SLOT samples at x, to move the delay towards its
 * target; made_up: they were concealed.  The new number of samples. */
static size_t
stretched(struct playout *p, int16_t *x, int made_up)
{
	double like = 0, e = energy(x);
	int64_t off;
	int quiet, most, lag;

	aim(p);
	off = p->target - p->delay;
	p->since++;
	p->level += (e - p->level) * (e > p->level ? .2 : .005);
	quiet = e < p->level * .01 || e < 100;
	if (off <= GROW && off >= (quiet ? -SHRINK_QUIET : -SHRINK))
		return SLOT;
	most = most_lag(off, quiet);
	lag = quiet ? most : stretch_lag(x, most, &like);
	if (off > 0 && (quiet || made_up || like > alike || off > HASTE)) {
		p->since = 0;
		p->delay += lag;
		p->count.grown += (unsigned)lag;
		return stretch_longer(x, SLOT, lag);
	}
	if (off < 0 && (quiet || (like > very_alike && p->since > 1) ||
	                   (off < -DAWDLE && p->since > 0))) {
		p->since = 0;
		p->delay -= lag;
		p->count.cut += (unsigned)lag;
		return stretch_shorter(x, SLOT, lag);
	}
	return SLOT;
}

/* Decode the next slot into the fifo. */
static void
play(struct playout *p)
{
	struct playout_slot *e = &p->ring[p->next % PLAYOUT_RING];
	int16_t *x = p->fifo + p->fifo_n;
	int have = e->slot == p->next ? e->have : 0;

	if (have && p->decode(p->decoder, e->data, e->n, x) == 0) {
		if (have == 2)
			p->count.copied++;
		else
			p->count.played++;
		p->gap = 0;
	} else {
		have = 0;
		if (p->gap >= GAP || p->decode(p->decoder, NULL, 0, x) == -1) {
			memset(x, 0, SLOT * sizeof(*x));
			p->count.silent++;
		} else {
			p->gap++;
			p->count.concealed++;
		}
	}
	if (e->slot == p->next)
		e->have = 0;
	p->next++;
	p->fifo_n += stretched(p, x, !have);
}

void
playout_get(struct playout *p, int16_t *out, size_t n, int64_t now)
{
	int64_t off;

	if (!p->begun) {
		memset(out, 0, n * sizeof(*out));
		return;
	}
	if ((int64_t)n > p->want)
		p->want = (int64_t)n;
	else
		p->want -= (p->want - (int64_t)n) / 64;
	off = now - (p->next * SLOT + p->delay);
	if (off + (int64_t)p->fifo_n > 0) {
		/* The loudspeaker paused: skip what was due meanwhile. */
		p->next += off > 0 ? (off + SLOT - 1) / SLOT : 0;
		off = now - (p->next * SLOT + p->delay);
		p->fifo_n = 0;
		p->count.anew++;
	}
	if (off < 0 && p->fifo_n == 0) {
		/* The next slot is not due yet: silence until then. */
		p->fifo_n = -off < (int64_t)n ? (size_t)-off : n;
		memset(p->fifo, 0, p->fifo_n * sizeof(*p->fifo));
	}
	while (p->fifo_n < n)
		play(p);
	memcpy(out, p->fifo, n * sizeof(*out));
	p->fifo_n -= n;
	memmove(p->fifo, p->fifo + n, p->fifo_n * sizeof(*p->fifo));
}

int
playout_place(const struct playout *p, uint32_t *slot, int64_t *before)
{
	if (!p->begun)
		return -1;
	*slot = (uint32_t)(p->next - PLAYOUT_BASE);
	*before = (int64_t)p->fifo_n;
	return 0;
}
