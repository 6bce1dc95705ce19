/* rate: how fast to send, from what the path shows.
 * SPDX-License-Identifier: ISC */
#include "link/rate.h"

enum {
	AIM = 1000, /* us of queue to aim at, */
	AIM_MOST = 40000, /* at most, but for what jitter makes usual */
	SUDDEN = 4000, /* us above that, three times in a row: decide now */
	FOREIGN = 10000, /* us above twice the aim: our share is kept */
	SLACK = 10000, /* us of window beyond the path's own time */
	BEAT = 20000, /* us between decisions, if the round trip is shorter */
	WHILE = 15000000, /* us: the least times are those of one or two */
	LOSS_WINDOW = 150, /* packets */
	TEST_EVERY = 10000000, /* us, when competing */
	HASTE_QUEUE = 2000, /* us that a picture sent at once may add, */
	HASTE_TOO_FAR = 5000,
	HASTE_PACKETS = 3, /* in a beat that had a picture */
	START_QUEUE = 2000, /* us above the aim, or 1/8 of the round trip, */
	START_HIGH = 8000, /* for so long: the start is over */
	LEAST = 6000, /* bytes a second */
	FIRST = 125000
};
static const double most = 5e8; /* bytes a second: 4 Gbit/s */
static const double packet = RATE_PACKET;
static const double aim_packets = 1.5; /* more, so that shares become equal */
static const double haste_most = 16;
static const double start_gain = 1, blind_gain = 0.25; /* a round trip */
static const double start_share = 0.9; /* of what trains tell */
static const double drain = -0.5; /* of the rate, at once */
static const double grow_least = 1 / 64., grow_most = 1 / 8.;
static const double reno = 1; /* packets a round trip: CUBIC's 0.53 and more */

static double
larger(double a, double b)
{
	return a > b ? a : b;
}

static double
smaller(double a, double b)
{
	return a < b ? a : b;
}

static double
within(double x, double low, double high)
{
	return larger(low, smaller(x, high));
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void
rate_init(struct rate *r, int64_t now)
{
	*r = (struct rate){.now = FIRST,
	    .window = 16 * packet,
	    .haste = 1,
	    .starting = 1,
	    .least_queue = INT64_MAX,
	    .growth = grow_least,
	    .losses = {1, 1, 1, 1, 1, 1, 1, 1}};
	path_init(&r->path, now);
}

/* The queue to aim at, us. */
static double
aim(const struct rate *r)
{
	return smaller(AIM + aim_packets * packet / r->now * 1e6, AIM_MOST) +
	       r->usual;
}

static int64_t
beat(const struct rate *r)
{
	return later(r->path.least, BEAT);
}

/* ---- competing ---- */

/* The cube root of a >= 0, by Newton. */
static double
cube_root(double a)
{
	double x = a > 1 ? a / 2 : 1;
	int i;

	for (i = 0; i < 60 && a > 0; i++)
		x = (2 * x + a / (x * x)) / 3;
	return a > 0 ? x : 0;
}

static void
cubic_begin(struct rate_cubic *c, double packets, int64_t now)
{
	c->most = packets;
	c->k = cube_root(packets * 0.3 / 0.4);
	c->epoch = now;
}

/* The window in bytes. */
static double
cubic_now(const struct rate_cubic *c, int64_t rtt, int64_t now)
{
	double t = (double)(now - c->epoch) / 1e6, d = t - c->k;

	return packet *
	       larger(4, larger(c->most + 0.4 * d * d * d,
	                     c->most * 0.7 + reno * t / ((double)rtt / 1e6)));
}

static void
compete_end(struct rate *r)
{
	r->competing = r->testing = 0;
	r->now = larger(r->path.delivered * 0.9, LEAST);
	r->growth = grow_least;
	r->high_since = 0;
}

static void
compete_begin(struct rate *r, int64_t now)
{
	double window =
	    (double)r->path.rtt / 1e6 * smaller(r->share, 1.5 * r->path.fresh);

	r->competing = 1;
	r->haste = 1;
	/* A flow that never had a share finds one as new TCP flows do. */
	r->doubling = r->path.fresh >= 0.9 * r->share && !r->idle_beat;
	r->cubic_window = larger(window, 4 * packet);
	cubic_begin(&r->cubic, r->cubic_window / packet, now);
	r->cubic.cut_at = now;
	r->test_at = now + 4000000;
	r->testing = r->calm = 0;
}

/* Are we alone again?  Halve the window: if we are, the throughput stays and
 * the queue shrinks. */
static void
compete_test(struct rate *r, int64_t now)
{
	const struct path *p = &r->path;

	if (!r->testing && !r->doubling && now > r->test_at) {
		r->testing = 1;
		r->test_delivered = p->delivered;
		r->test_queue = r->least_queue;
		r->test_at = now + 2 * p->rtt;
		return;
	}
	if (!r->testing || now <= r->test_at)
		return;
	r->testing = 0;
	r->cubic.epoch += 3 * p->rtt;
	r->test_at = now + TEST_EVERY;
	if (p->delivered > 0.92 * r->test_delivered &&
	    (double)r->least_queue < 0.8 * (double)r->test_queue) {
		/* Drain our own queue, then measure the path anew: it may have
		 * changed. */
		r->drain_until = now + p->least;
		r->drain_until +=
		    r->least_queue < 250000 ? 4 * r->least_queue : 1000000;
		compete_end(r);
	}
}

/* Take a share as CUBIC would. */
static void
compete(struct rate *r, const struct flight_news *n, int64_t now)
{
	double w = r->cubic_window, grown;

	if (n->lost && n->lost_at > r->cubic.cut_at) {
		r->cubic.cut_at = now;
		cubic_begin(&r->cubic, w / packet, now);
		w *= 0.7;
		r->doubling = 0;
	} else if (r->doubling && !n->idle) {
		w += n->bytes;
	} else if (!r->testing && !n->idle) {
		grown = cubic_now(&r->cubic, r->path.rtt, now);
		w = larger(w, smaller(grown, w + n->bytes));
	}
	r->cubic_window = larger(w, 4 * packet);
	r->window = r->testing ? r->cubic_window / 2 : r->cubic_window;
	r->now =
	    within(1.15 * r->window / (double)r->path.rtt * 1e6, LEAST, most);
	if (!n->round)
		return;
	r->calm = (double)r->least_queue < aim(r) + 1000 ? r->calm + 1 : 0;
	if (r->calm >= 2)
		compete_end(r);
	else
		compete_test(r, now);
}

/* ---- alone ---- */

/* A queue stays although we yield, and our share falls: it is another's.  A
 * flow that yields as we do would shorten it; one that does not lengthens
 * it. */
static void
judge(struct rate *r, double t, const struct flight_news *n, int64_t now)
{
	double q = (double)r->least_queue;
	const struct path *p = &r->path;
	int64_t sent = now - n->rtt, wait = r->idle_beat ? 800000 : 200000;

	if (!r->high_since || q < 0.8 * (double)r->peak) {
		r->high_since = r->peak_at = now;
		r->over_at = 0;
		r->share = larger(p->fresh, 0.7 * p->most);
		r->peak = r->least_queue;
	}
	r->share *= 1 - (double)beat(r) / 10e6;
	if (q > 1.2 * (double)r->peak)
		r->peak_at = now;
	r->peak = later(r->peak, r->least_queue);
	if (q < 2 * t + FOREIGN) {
		if (!r->idle_beat)
			r->now = larger(r->now, 0.85 * r->share);
		r->over_at = 0;
		return;
	}
	if (!r->over_at || r->peak_at > r->over_at)
		r->over_at = now;
	/* Only packets sent since then count. */
	wait = later(4 * p->least, wait);
	if ((sent > r->peak_at + wait && r->now < 0.9 * r->share &&
	        p->fresh < 0.9 * r->share) ||
	    sent > r->over_at + 2000000 + 8 * p->least)
		compete_begin(r, now);
}

static void
decide(struct rate *r, const struct flight_news *n, int64_t now)
{
	double t = aim(r), q = (double)r->least_queue;
	double tau = 3.0 * (double)(r->path.least + SLACK);

	if (q > t && !r->high_since)
		r->before = r->now;
	if (q > t || (q > t / 2 && !r->idle_beat)) {
		/* A queue throughout: the path delivered our whole share. */
		r->now = larger(r->now / 4,
		    r->path.fresh * (1 + within((t - q) / tau, drain, 0.05)));
		r->full_rate = r->path.fresh;
		r->near = 0;
		if (q > t)
			r->growth = grow_least;
	} else if (!r->idle_beat || r->path.most > 0.6 * r->now) {
		r->now *= 1 + r->growth;
		if (r->now > 1.05 * r->near)
			r->growth = smaller(r->growth * 1.4, grow_most);
		/* The queue is gone, and the path's rate is known. */
		if (!r->idle_beat)
			r->now = larger(r->now, 0.95 * r->full_rate);
		r->full_rate = 0;
	}
	/* It was jitter if our yielding cannot have ended it yet: undo that. */
	if (q <= t && r->high_since &&
	    now < r->high_since + r->path.rtt + r->peak &&
	    (double)r->peak < t + (double)r->path.jitter)
		r->now = larger(r->now, r->before);
	if (q <= t)
		r->high_since = r->over_at = 0;
	else
		judge(r, t, n, now);
	r->usual += (q - r->usual) / (q > r->usual && r->idle_beat ? 4 : 32);
	r->usual = smaller(r->usual, (double)r->path.jitter);
}

static void
start(struct rate *r, const struct flight_news *n, int file, int64_t now)
{
	const struct path *p = &r->path;
	double trip = (double)later(p->least, 10000) / 1e6;
	double near = 0;
	int found = 0, i;

	for (i = 0; i < PATH_TRAINS; i++)
		near = larger(near, p->spread[i]);
	if (!n->idle)
		r->now += n->bytes / trip * (file ? start_gain : blind_gain);
	if (file && p->trains > 0 && r->now > start_share * near) {
		r->now = start_share * near;
		found = p->trains >= PATH_TRAINS;
	}
	/* Four acknowledgements in a row show a queue, over some time. */
	if ((double)p->queue <=
	    aim(r) + larger((double)p->least / 8, START_QUEUE))
		r->high = 0;
	else if (r->high++ == 0)
		r->high_since = now;
	if (n->round && !r->idle_round) {
		r->full = p->delivered < 1.2 * r->start_most ? r->full + 1 : 0;
		r->start_most = larger(p->delivered, r->start_most);
	} else if (n->round && p->most > r->now / 2) {
		r->now *= 1.25;
	}
	if ((r->high < 4 || now < r->high_since + START_HIGH) && r->full < 3 &&
	    !found)
		return;
	if (found)
		r->near = near;
	else
		r->now = larger(larger(p->fresh * 0.75, r->now / 4), LEAST);
	r->full_rate = r->full < 3 ? p->fresh : 0;
	r->starting = r->high = 0;
	r->high_since = 0;
	r->beat_at = now;
}

/* Loss above the path's usual loss: a short buffer is full. */
static void
shallow(struct rate *r, const struct flight_news *n)
{
	double share, least = 1;
	size_t i;

	r->window_lost += n->lost;
	r->window_arrived += n->arrived;
	if (r->window_lost + r->window_arrived < LOSS_WINDOW)
		return;
	share = (double)r->window_lost / (r->window_lost + r->window_arrived);
	for (i = 0; i < 8; i++)
		least = smaller(least, r->losses[i]);
	if (least < 1 && share > 1.5 * least + 0.05 && !n->idle) {
		r->now = smaller(r->now, r->path.most * 0.95);
		r->growth = grow_least / 2;
	}
	r->losses[r->windows++ % 8] = share;
	r->window_lost = r->window_arrived = 0;
}

/* Three samples in a row with a queue: do not wait for the round trip's end. */
static int
sudden(struct rate *r, int64_t now)
{
	int64_t *l = r->last, two = l[0] < l[1] ? l[0] : l[1];
	int64_t three = two < l[2] ? two : l[2];

	if (!r->idle_beat || (double)three <= aim(r) + SUDDEN ||
	    now < r->forced_at + 2 * BEAT || now < r->beat_at + BEAT)
		return 0;
	r->forced_at = now;
	r->least_queue = later(r->least_queue, three);
	return 1;
}

/* 1 if this still reports on the time before a silence. */
static int
stale(struct rate *r, const struct flight_news *n, int64_t now)
{
	if (r->silent) {
		r->silent = 0;
		r->starting = 1;
		r->now = larger(r->now / 2, LEAST);
		r->fresh_since = now;
		r->full = r->high = 0;
		r->start_most = 0;
	}
	if (!r->fresh_since)
		return 0;
	if (n->rtt && now - n->rtt >= r->fresh_since) {
		r->fresh_since = 0;
		return 0;
	}
	path_forget_rate(&r->path);
	r->window_lost = r->window_arrived = 0;
	r->least_queue = INT64_MAX;
	return 1;
}

/* Spreading a picture over its interval only delays it on a wide path. */
static void
hasten(struct rate *r)
{
	if (r->most_queue > HASTE_TOO_FAR)
		r->haste = larger(1, r->haste / 2);
	else if (r->most_queue < HASTE_QUEUE && r->arrived >= HASTE_PACKETS)
		r->haste = smaller(1.25 * r->haste, haste_most);
	r->haste = within(r->haste, 1, most / r->now);
	r->most_queue = 0;
	r->arrived = 0;
}

static void
alone(struct rate *r, const struct flight_news *n, int file, int64_t now)
{
	const struct path *p = &r->path;
	int due = now >= r->beat_at + beat(r) || sudden(r, now);

	shallow(r, n);
	if (r->drain_until) {
		r->now = larger(0.75 * p->fresh, LEAST);
		if (now > r->drain_until) {
			r->drain_until = 0;
			path_forget_least(&r->path);
		}
	} else if (r->starting) {
		start(r, n, file, now);
	} else if (due && r->least_queue < INT64_MAX) {
		decide(r, n, now);
	}
	if (r->idle_beat)
		r->now = smaller(r->now, larger(1.4 * p->most, FIRST));
	if (due) {
		hasten(r);
		r->beat_at = now;
		r->least_queue = INT64_MAX;
		r->idle_beat = 0;
	}
	r->now = within(r->now, LEAST, most);
	r->window =
	    r->now / 1e6 *
	        ((double)(p->least + SLACK) + aim(r) +
	            smaller(2.0 * (double)p->var, (double)p->least / 2)) +
	    3 * packet;
}

void
rate_news(struct rate *r, const struct flight_news *n, uint64_t delivered,
    int file, int64_t now)
{
	struct path *p = &r->path;

	if (n->rtt) {
		path_sample(p, n->sent_at, n->rtt, n->oneway,
		    (int64_t)(n->bytes / r->now * 1e6),
		    r->competing ? 4 * WHILE : WHILE, now);
		if (p->queue < r->least_queue)
			r->least_queue = p->queue;
		r->most_queue = later(r->most_queue, p->queue);
		r->last[2] = r->last[1];
		r->last[1] = r->last[0];
		r->last[0] = p->queue;
	}
	r->arrived += n->arrived;
	r->idle_round |= n->idle;
	r->idle_beat |= n->idle;
	path_delivered(p, delivered, n->round, r->now);
	if (!stale(r, n, now)) {
		if (r->competing)
			compete(r, n, now);
		else
			alone(r, n, file, now);
	}
	if (n->round) {
		r->idle_round = 0;
		if (r->competing)
			r->least_queue = INT64_MAX;
	}
}

void
rate_silence(struct rate *r)
{
	r->silent = 1;
	r->competing = r->testing = 0;
	r->haste = 1;
	r->high_since = 0;
}

double
rate_usable(const struct rate *r)
{
	double by_window = r->window / (double)r->path.rtt * 1e6;

	return r->competing ? smaller(r->now, by_window) : r->now;
}
