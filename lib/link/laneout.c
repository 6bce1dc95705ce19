/* laneout: what goes in a lane, by its rank, as fast as the path takes it.
 * SPDX-License-Identifier: ISC */
#include "link/laneout.h"

enum { IVF, JPEG };

enum {
	WIRE = 52, /* bytes round a packet: 24 of the record, 28 of UDP/IPv4 */
	SCRAP = 40, /* bytes of a stream that are too few to begin with */
	BURST = 65536, /* bytes to catch up with at once, but not less than */
	BURST_LEAST = 1000, /* us of them, nor more than */
	BURST_MOST = 8000,
	TRAIN = 2000, /* us of packets sent at once, but at least two */
	AGAIN_MOST = 4, /* so many times text goes again, */
	AGAIN_FIRST = 2, /* so many at first, */
	AGAIN_KNOWN = 40, /* packets by which the loss is known */
	SILENCE = 400000 /* us */
};
static const double apart = 2500000; /* bytes a second: fill voice packets up */
static const double rare = 0.003;
static const uint64_t unsent[BLOCK_STREAMS] = {64 << 10, 128 << 10};

static int
none(struct laneout *l)
{
	l->broken = 1;
	return 0;
}

/* A piece of a packet arrived, or is lost. */
static void
settle(void *arg, const struct flight_ref *r, int there)
{
	struct laneout *l = arg;
	int again = 0;

	switch (r->type) {
	case 'S':
		again = there ? flowout_arrived(&l->flow[r->which], r->at, r->n)
		              : flowout_lost(&l->flow[r->which], r->at, r->n);
		break;
	case 'P':
		if (there)
			picout_arrived(&l->pic[r->which], r->number, r->n);
		else /* counts for itself */
			(void)picout_lost(&l->pic[r->which], r->number, r->n);
		break;
	case 'W':
		if (!there)
			l->in->untold = 1;
		break;
	}
	l->broken |= again == -1;
	l->resent += again == 1;
}

int
laneout_init(struct laneout *l, struct lanein *in, int64_t now)
{
	int i;

	*l = (struct laneout){.in = in, .next_send = now};
	if (flight_init(&l->flight, now) == -1)
		return -1;
	l->flight.settle = settle;
	l->flight.arg = l;
	rate_init(&l->rate, now);
	for (i = 0; i < BLOCK_STREAMS; i++)
		l->flow[i].limit = block_window[i];
	picout_init(&l->pic[IVF], FRAME_IVF);
	picout_init(&l->pic[JPEG], FRAME_JPEG);
	return 0;
}

void
laneout_free(struct laneout *l)
{
	int i;

	for (i = 0; i < BLOCK_STREAMS; i++)
		flowout_free(&l->flow[i]);
	for (i = 0; i < LANE_PICTURES; i++)
		picout_free(&l->pic[i]);
	flight_free(&l->flight);
}

void
laneout_acked(struct laneout *l, const struct block_ack *a, int64_t now)
{
	struct flight_news news;

	if (flight_acked(&l->flight, a, l->rate.path.least, &news, now))
		rate_news(&l->rate, &news, l->flight.delivered,
		    flowout_waits(&l->flow[BLOCK_BULK]), now);
}

void
laneout_limit(struct laneout *l, const uint64_t limit[static BLOCK_STREAMS])
{
	int i;

	for (i = 0; i < BLOCK_STREAMS; i++)
		if (limit[i] > l->flow[i].limit)
			l->flow[i].limit = limit[i];
}

/* ---- packets ---- */

/* A packet under construction. */
struct making {
	uint8_t *out;
	size_t at;
	struct flight_packet p;
};

static size_t
room(const struct making *m)
{
	return LANE_PACKET - m->at;
}

static void
make_voice(struct laneout *l, struct making *m, int64_t now)
{
	size_t n;

	while ((n = voice_give(&l->voice, m->out + m->at, room(m), now)) > 0) {
		m->at += n;
		m->p.asks = 1;
	}
}

/* Bytes of a stream.  How many. */
static size_t
make_bytes(struct laneout *l, struct making *m, uint8_t which)
{
	struct block_bytes b = {.stream = which};
	long n;

	if (m->p.nref == FLIGHT_REFS || room(m) < BLOCK_BYTES + SCRAP)
		return 0;
	n = flowout_give(&l->flow[which], m->out + m->at + BLOCK_BYTES,
	    room(m) - BLOCK_BYTES, &b.at);
	l->broken |= n == -1;
	if (n <= 0)
		return 0;
	block_put_bytes(m->out + m->at, &b, (size_t)n);
	m->at += BLOCK_BYTES + (size_t)n;
	m->p.ref[m->p.nref++] = (struct flight_ref){
	    .type = 'S', .which = which, .n = (uint16_t)n, .at = b.at};
	return (size_t)n;
}

/* Repeat so often that losing all copies of a line is rare. */
static int
repeats(const struct flight *f)
{
	int n = 0, least = f->weight < AGAIN_KNOWN ? AGAIN_FIRST : 0;
	double p;

	for (p = f->loss; n < AGAIN_MOST && (p > rare || n < least); n++)
		p *= f->loss;
	return n;
}

/* Text goes beside the window, and more than once where packets get lost: what
 * was added within that time together with what is before it. */
static void
make_text(struct laneout *l, struct making *m, int64_t now)
{
	struct flowout *o = &l->flow[BLOCK_TEXT];
	int again = flowout_again(o, now);
	size_t n = make_bytes(l, m, BLOCK_TEXT);

	l->broken |= again == -1;
	if (n > 0 && again == 0)
		flowout_repeat(
		    o, m->p.ref[m->p.nref - 1].at, n, repeats(&l->flight), now);
}

static void
make_pictures(struct laneout *l, struct making *m)
{
	uint32_t number;
	uint16_t part;
	uint8_t i;
	size_t n;

	for (i = 0; i < LANE_PICTURES; i++)
		while (m->p.nref < FLIGHT_REFS &&
		       (n = picout_give(&l->pic[i], m->out + m->at, room(m),
		            &number, &part)) > 0) {
			m->at += n;
			m->p.ref[m->p.nref++] = (struct flight_ref){.type = 'P',
			    .which = i,
			    .n = part,
			    .number = number};
		}
}

static int
pictures_wait(const struct laneout *l)
{
	return picout_waits(&l->pic[IVF]) > 0 ||
	       picout_waits(&l->pic[JPEG]) > 0;
}

/* Give up late data, and notice silence. */
static void
age(struct laneout *l, int64_t now)
{
	int64_t rtt = l->rate.path.rtt, silence = 4 * rtt;
	int i;

	for (i = 0; i < LANE_PICTURES; i++)
		if (picout_expire(&l->pic[i], rtt, now) > 0 && i == IVF)
			lanein_ask(l->in, now);
	if (flight_silent(
	        &l->flight, silence > SILENCE ? silence : SILENCE, now))
		rate_silence(&l->rate);
}

/* The factor by which we may exceed the rate now. */
static double
haste(const struct laneout *l)
{
	return flowout_waits(&l->flow[BLOCK_BULK]) ? 1 : l->rate.haste;
}

static int
in_window(const struct laneout *l)
{
	/* Only what jitter delays; files would make a queue of it. */
	double more = l->rate.now * (double)l->rate.path.jitter / 1e6;

	return l->flight.bytes + LANE_PACKET + WIRE <=
	       l->rate.window * haste(l) +
	           (flowout_waits(&l->flow[BLOCK_BULK]) ? 0 : more);
}

/* Account for bytes sent: the next may follow when these have left, or in a train
 * at once. */
static void
pace(struct laneout *l, uint32_t bytes, int trains, int64_t now)
{
	/* This process may have waited for a processor. */
	int64_t most = (int64_t)(BURST * 1e6 / l->rate.now);
	double us = bytes * 1e6 / (l->rate.now * haste(l));

	if (most < BURST_LEAST)
		most = BURST_LEAST;
	if (most > BURST_MOST)
		most = BURST_MOST;
	if (l->next_send < now - most)
		l->next_send = now - most;
	l->held += us;
	if (trains && (l->held < TRAIN || l->held < 1.5 * us))
		return;
	l->next_send += (int64_t)l->held;
	l->held = 0;
}

/* The packet goes: its head is written and it is under way. */
static size_t
go(struct laneout *l, struct making *m, int64_t now)
{
	/* How a file's first packets spread tells the path's rate. */
	int trains = l->rate.starting && flowout_waits(&l->flow[BLOCK_BULK]);
	struct block_prefix prefix = {
	    m->p.asks, trains ? 1 : path_wish(&l->rate.path)};
	struct frame f = {.kind = FRAME_LINK,
	    .len = (uint16_t)(m->at - FRAME_HEAD),
	    .number = (uint32_t)l->flight.next,
	    .pieces = 1,
	    .time = (uint64_t)now};

	frame_put(m->out, &f);
	block_put_prefix(m->out + FRAME_HEAD, &prefix);
	m->p.at = now;
	m->p.bytes = (uint32_t)m->at + WIRE;
	m->p.idle = !flowout_waits(&l->flow[BLOCK_BULK]) && !pictures_wait(l);
	if (flight_add(&l->flight, &m->p) == -1)
		return (size_t)none(l);
	l->sent++;
	/* The rate is one of packets that are acknowledged.  A receiver of files
	 * has a low one and many others to send: what it says at the end must
	 * not wait for those. */
	if (m->p.asks)
		pace(l, m->p.bytes, trains, now);
	return m->at;
}

size_t
laneout_give(struct laneout *l, uint8_t *out, int64_t now)
{
	struct making m = {.out = out, .at = FRAME_HEAD + BLOCK_PREFIX};
	int allowed, waits;
	size_t n;

	age(l, now);
	if (now >= flight_probe_at(&l->flight, path_patience(&l->rate.path))) {
		flight_probe(&l->flight, l->rate.path.rtt, now);
		l->probe = 1;
	}
	if (!flight_room(&l->flight) || l->broken)
		return 0;
	waits = pictures_wait(l) || flowout_waits(&l->flow[BLOCK_BULK]);
	allowed = l->probe || (now >= l->next_send && in_window(l));
	if (now < lanein_tells_at(l->in) && !voice_waits(&l->voice, now) &&
	    !flowout_waits(&l->flow[BLOCK_TEXT]) &&
	    now < flowout_repeat_at(&l->flow[BLOCK_TEXT]) && !l->probe &&
	    !(allowed && waits))
		return 0;
	m.at += lanein_put_ack(l->in, m.out + m.at, now);
	make_voice(l, &m, now);
	/* Do not make voice packets longer by data that can wait. */
	if (m.p.asks && l->rate.now < apart)
		allowed = 0;
	n = lanein_put_limits(l->in, m.out + m.at, room(&m));
	m.at += n;
	if (n > 0)
		m.p.ref[m.p.nref++] = (struct flight_ref){.type = 'W'};
	make_text(l, &m, now);
	if (allowed) {
		make_pictures(l, &m);
		(void)make_bytes(l, &m, BLOCK_BULK);
	}
	m.p.asks |= m.p.nref > 0 || l->probe;
	l->probe = 0;
	if (m.at == FRAME_HEAD + BLOCK_PREFIX && !m.p.asks)
		return 0;
	return go(l, &m, now);
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t
laneout_next_time(struct laneout *l, int64_t now)
{
	int64_t t = lanein_tells_at(l->in);
	int i;

	if (flowout_waits(&l->flow[BLOCK_TEXT]) || voice_waits(&l->voice, now))
		return now;
	for (i = 0; i < LANE_PICTURES; i++) {
		/* Look again at a late one that is still hoped for. */
		t = earlier(t, picout_due(&l->pic[i]) > now
		                   ? picout_due(&l->pic[i])
		                   : now + 1000);
	}
	t = earlier(t, flowout_repeat_at(&l->flow[BLOCK_TEXT]));
	if ((pictures_wait(l) || flowout_waits(&l->flow[BLOCK_BULK])) &&
	    in_window(l))
		t = earlier(t, l->next_send);
	t = earlier(
	    t, flight_probe_at(&l->flight, path_patience(&l->rate.path)));
	return t < now ? now : t;
}

/* ---- the programs ---- */

int
laneout_room(const struct laneout *l, uint8_t kind)
{
	int which = block_stream(kind);
	const struct flowout *o = &l->flow[which];
	uint64_t most = unsent[which];

	if (l->ended)
		return 0;
	if (kind == FRAME_AUDIO)
		return 1;
	if (kind == FRAME_IVF || kind == FRAME_JPEG)
		return picout_room(&l->pic[kind == FRAME_IVF ? IVF : JPEG]);
	if (which == BLOCK_BULK && l->rate.now * 0.02 > (double)most)
		most = (uint64_t)(l->rate.now * 0.02);
	return o->end - o->next < most &&
	       o->end - o->low + FRAME_MAX <= block_window[which];
}

static int
put_picture(struct laneout *l, const struct frame *f, const uint8_t *payload,
    int64_t now)
{
	struct picout_path path = {l->flight.loss, l->rate.path.rtt};
	int r = picout_put(
	    &l->pic[f->kind == FRAME_IVF ? IVF : JPEG], f, payload, &path, now);

	return r == -2 ? none(l) : r;
}

/* Put a frame into a stream; e goes into both, so that it overtakes nothing. */
static int
put_bytes(struct laneout *l, const struct frame *f, const uint8_t *payload)
{
	uint8_t head[FRAME_HEAD];
	int i;

	frame_put(head, f);
	for (i = 0; i < BLOCK_STREAMS; i++)
		if (f->kind == FRAME_END || block_stream(f->kind) == i)
			if (flowout_put(&l->flow[i], head, FRAME_HEAD) == -1 ||
			    flowout_put(&l->flow[i], payload, f->len) == -1)
				return none(l);
	l->ended |= f->kind == FRAME_END;
	return 0;
}

int
laneout_put(struct laneout *l, const struct frame *f, const uint8_t *payload,
    int64_t now, struct fault *bad)
{
	int r = 0;

	if (l->ended)
		return 0;
	switch (f->kind) {
	case FRAME_AUDIO:
		voice_put(&l->voice, f, payload, now);
		break;
	case FRAME_IVF:
	case FRAME_JPEG:
		l->picture_at = now;
		r = put_picture(l, f, payload, now);
		break;
	case FRAME_LINK:
		r = -1;
		break;
	default:
		r = put_bytes(l, f, payload);
	}
	return r == -1 ? fault(bad, X_PEER, "malformed frame") : 0;
}

int
laneout_done(const struct laneout *l)
{
	int i;

	for (i = 0; i < BLOCK_STREAMS; i++)
		if (l->flow[i].low != l->flow[i].end)
			return 0;
	return l->ended;
}

double
laneout_coder(const struct laneout *l)
{
	const struct picout_path path = {l->flight.loss, l->rate.path.rtt};
	double rate = 0.88 * rate_usable(&l->rate) - 6000;
	double loss = path.loss < 0.3 ? path.loss : 0.3;
	double late = (double)l->rate.path.queue - l->rate.usual - 20000;

	if (rate < 4000)
		rate = 4000;
	rate *= 0.85 * (1 - loss) * 5 / (5 + picout_repairs(5, &path));
	if (!l->rate.competing && late > 0)
		rate *= 1 - (late < 90e3 ? late / 150e3 : 0.6);
	return rate;
}
