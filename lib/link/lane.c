/* lane: ranked streams over one path that loses: voice, then text, then pictures,
 * then files.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "link/ack.h"
#include "link/block.h"
#include "link/flight.h"
#include "link/flowin.h"
#include "link/flowout.h"
#include "link/lane.h"
#include "link/picin.h"
#include "link/picout.h"
#include "link/rate.h"
#include "link/voice.h"

enum { TEXT, BULK, FLOWS }; /* the streams */
enum { IVF, JPEG, PICTURES };

enum {
	WIRE =
	    52, /* bytes round a packet: 24 of the record, 28 of UDP and IPv4 */
	ACK_ROOM = LANE_PACKET - 200, /* bytes of a packet that A may take */
	SCRAP = 40, /* bytes of a stream that are too few to begin with */
	BURST = 65536, /* bytes to catch up with at once, but not less than */
	BURST_LEAST = 1000, /* us of them, nor more than */
	BURST_MOST = 8000,
	MEDIA = 3000000, /* us after which a start may be fast again */
	PATIENCE = 30000, /* us before a probe, at least */
	PATIENCE_FIRST = 250000, /* before the first sample */
	ACK_DELAY = 8000,
	KEY_EVERY = 300000, /* us between requests for a key picture */
	SHORT = 600, /* bytes of text that may go again */
	AGAIN = 15000, /* us later, */
	AGAIN_MOST = 4, /* so many times, */
	AGAIN_FIRST = 2, /* so many at first, */
	AGAIN_KNOWN = 40, /* packets by which the loss is known */
	SILENCE = 400000 /* us */
};
static const double apart = 2500000; /* bytes a second: from there on a voice
                                      * packet may be filled up */
static const double rare = 0.003;
static const uint64_t windows[FLOWS] = {256 << 10, 64 << 20};
static const uint64_t unsent[FLOWS] = {64 << 10, 128 << 10};

/* Text that is sent again, for it is short and packets get lost. */
struct repeat {
	int left;
	int64_t at;
	uint64_t from;
	size_t n;
};

struct lane {
	struct ack ack;
	struct flight flight;
	struct rate rate;
	struct flowout out[FLOWS];
	struct flowin in[FLOWS];
	struct picout picout[PICTURES];
	struct picin picin[PICTURES];
	struct voice voice;
	struct repeat repeat;
	int64_t next_send; /* us, by the pacer */
	int64_t media_at; /* voice, text or pictures were put in */
	int64_t picture_at; /* a picture was */
	int64_t asked_at;
	int64_t key_at; /* our own coder was last asked */
	uint64_t key_number;
	int key; /* a k waits to be got */
	int limits; /* W is to be sent */
	int probe; /* the next packet is one */
	int ended, broken;
	unsigned ignored; /* kinds */
	unsigned long sent, resent;
};

static int
none(struct lane *l)
{
	l->broken = 1;
	return 0;
}

/* A piece of a packet has arrived, or is lost. */
static void
settle(void *arg, const struct flight_ref *r, int there)
{
	struct lane *l = arg;
	int again = 0;

	switch (r->type) {
	case 'S':
		again = there ? flowout_arrived(&l->out[r->which], r->at, r->n)
		              : flowout_lost(&l->out[r->which], r->at, r->n);
		break;
	case 'P':
		if (there)
			picout_arrived(&l->picout[r->which], r->number, r->n);
		else /* counts for itself */
			(void)picout_lost(
			    &l->picout[r->which], r->number, r->n);
		break;
	case 'W':
		l->limits |= !there;
		break;
	}
	l->broken |= again == -1;
	l->resent += again == 1;
}

struct lane *
lane_new(int64_t now)
{
	struct lane *l = calloc(1, sizeof(*l));
	int i;

	if (!l || flight_init(&l->flight, now) == -1) {
		free(l);
		return NULL;
	}
	l->flight.settle = settle;
	l->flight.arg = l;
	ack_init(&l->ack, now);
	rate_init(&l->rate, now);
	for (i = 0; i < FLOWS; i++) {
		flowin_init(&l->in[i], windows[i]);
		l->out[i].limit = windows[i];
		l->in[i].told = windows[i];
	}
	picout_init(&l->picout[IVF], FRAME_IVF);
	picout_init(&l->picout[JPEG], FRAME_JPEG);
	picin_init(&l->picin[IVF], FRAME_IVF);
	picin_init(&l->picin[JPEG], FRAME_JPEG);
	l->next_send = now;
	/* The first packet says that we are here. */
	l->limits = 1;
	return l;
}

void
lane_free(struct lane *l)
{
	int i;

	if (!l)
		return;
	for (i = 0; i < FLOWS; i++) {
		flowout_free(&l->out[i]);
		flowin_free(&l->in[i]);
	}
	for (i = 0; i < PICTURES; i++) {
		picout_free(&l->picout[i]);
		picin_free(&l->picin[i]);
	}
	spans_free(&l->ack.came);
	flight_free(&l->flight);
	free(l);
}

int
lane_broken(const struct lane *l)
{
	return l->broken;
}

/* ---- what comes ---- */

static void
take_ack(struct lane *l, const struct block_ack *a, int64_t now)
{
	struct flight_news news;

	if (flight_acked(&l->flight, a, l->rate.path.least, &news, now))
		rate_news(&l->rate, &news, l->flight.delivered,
		    now < l->media_at + MEDIA, now);
}

static int
flow_of(uint8_t kind)
{
	return kind == FRAME_BYTES ? BULK : TEXT;
}

/* Bytes of a stream.  Headers are looked at as soon as they are there: a request
 * for a key picture does not wait for text to be read. */
static int
take_bytes(struct lane *l, const struct block *b, struct fault *bad)
{
	struct flowin *in;
	struct frame f;
	int r;

	if (b->bytes.stream >= FLOWS)
		return 0;
	in = &l->in[b->bytes.stream];
	switch (flowin_take(in, b->bytes.at, b->data, b->n)) {
	case FLOWIN_MEMORY:
		return none(l);
	case FLOWIN_ABSURD:
		return fault(bad, X_PEER, "malformed link packets");
	case FLOWIN_TAKEN:
		break;
	}
	while ((r = flowin_look(in, &f)) == 1)
		if (f.kind == FRAME_KEYPLEASE && b->bytes.stream == TEXT)
			l->key = 1;
	return r == -1 ? fault(bad, X_PEER, "malformed frame") : 0;
}

static int
take_block(
    struct lane *l, const struct block *b, int64_t now, struct fault *bad)
{
	int i;

	switch (b->type) {
	case 'A':
		take_ack(l, &b->ack, now);
		return 0;
	case 'W':
		for (i = 0; i < FLOWS; i++)
			if (b->limit[i] > l->out[i].limit)
				l->out[i].limit = b->limit[i];
		return 0;
	case 'S':
		return take_bytes(l, b, bad);
	case 'P':
		if (b->part.kind != FRAME_IVF && b->part.kind != FRAME_JPEG)
			return 0;
		i = b->part.kind == FRAME_IVF ? IVF : JPEG;
		if (picin_take(&l->picin[i], &b->part, b->data, b->n, now) ==
		    -1)
			return none(l);
		return 0;
	case 'V':
		voice_take(&l->voice, &b->voice, b->data, b->n, now);
		return 0;
	default:
		return 0;
	}
}

int
lane_take(struct lane *l, const struct frame *f, const uint8_t *payload,
    int64_t now, struct fault *bad)
{
	struct block_prefix prefix;
	const uint8_t *p = payload;
	size_t n = f->len;
	struct block b;

	if (block_get_prefix(&prefix, &p, &n) == -1)
		return fault(bad, X_PEER,
		    "the other side speaks another version of chat-link");
	if (ack_came(&l->ack, f->number, f->time, &prefix, now) == -1)
		return none(l);
	if (prefix.asks)
		l->asked_at = now;
	while (block_get(&b, &p, &n) == 1)
		if (take_block(l, &b, now, bad) == -1)
			return -1;
	return 0;
}

/* ---- what goes ---- */

/* A packet in the making. */
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
refer(struct making *m, struct flight_ref r)
{
	m->p.ref[m->p.nref++] = r;
}

static void
make_ack(struct lane *l, struct making *m, int64_t now)
{
	struct block_ack a;

	if (!ack_news(&l->ack, now))
		return;
	ack_tell(&l->ack, &a, ACK_ROOM - m->at, now);
	m->at += block_put_ack(m->out + m->at, &a);
}

static void
make_voice(struct lane *l, struct making *m, int64_t now)
{
	size_t n;

	while ((n = voice_give(&l->voice, m->out + m->at, room(m), now)) > 0) {
		m->at += n;
		m->p.asks = 1;
	}
}

static void
make_limits(struct lane *l, struct making *m)
{
	uint64_t limit[FLOWS];
	int i;

	if (!l->limits || room(m) < BLOCK_LIMITS)
		return;
	for (i = 0; i < FLOWS; i++)
		limit[i] = flowin_tell(&l->in[i]);
	m->at += block_put_limits(m->out + m->at, limit);
	l->limits = 0;
	refer(m, (struct flight_ref){.type = 'W'});
}

/* Bytes of a stream.  How many. */
static size_t
make_bytes(struct lane *l, struct making *m, uint8_t which)
{
	struct block_bytes b = {.stream = which};
	long n;

	if (m->p.nref == FLIGHT_REFS || room(m) < BLOCK_BYTES + SCRAP)
		return 0;
	n = flowout_give(&l->out[which], m->out + m->at + BLOCK_BYTES,
	    room(m) - BLOCK_BYTES, &b.at);
	l->broken |= n == -1;
	if (n <= 0)
		return 0;
	block_put_bytes(m->out + m->at, &b, (size_t)n);
	m->at += BLOCK_BYTES + (size_t)n;
	refer(
	    m, (struct flight_ref){
	           .type = 'S', .which = which, .n = (uint16_t)n, .at = b.at});
	return (size_t)n;
}

static int
repeat_due(const struct lane *l, int64_t now)
{
	return l->repeat.left > 0 && now >= l->repeat.at;
}

/* So many times more that a line of which no copy arrives is rare. */
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
make_text(struct lane *l, struct making *m, int64_t now)
{
	struct flowout *o = &l->out[TEXT];
	struct repeat *r = &l->repeat;
	int again = repeat_due(l, now);
	uint64_t from;
	size_t n;

	if (again) {
		r->left--;
		r->at = now + AGAIN;
		l->broken |= flowout_lost(o, r->from, r->n) == -1;
	}
	n = make_bytes(l, m, TEXT);
	if (n == 0 || again)
		return;
	from = m->p.ref[m->p.nref - 1].at;
	if (r->left > 0 && from == r->from + r->n && r->n + n < SHORT) {
		from = r->from;
		n += r->n;
	}
	r->left = n < SHORT ? repeats(&l->flight) : 0;
	r->at = now + AGAIN;
	r->from = from;
	r->n = n;
}

static void
make_pictures(struct lane *l, struct making *m)
{
	uint32_t number;
	uint16_t part;
	uint8_t i;
	size_t n;

	for (i = 0; i < PICTURES; i++)
		while (m->p.nref < FLIGHT_REFS &&
		       (n = picout_give(&l->picout[i], m->out + m->at, room(m),
		            &number, &part)) > 0) {
			m->at += n;
			refer(m, (struct flight_ref){.type = 'P',
			             .which = i,
			             .n = part,
			             .number = number});
		}
}

/* A wish for a key picture that our own coder gets. */
static void
ask_coder(struct lane *l, int64_t now)
{
	if (l->key_at && now < l->key_at + KEY_EVERY)
		return;
	l->key_at = now;
	l->key = 1;
}

static int
pictures_wait(const struct lane *l)
{
	return picout_waits(&l->picout[IVF]) > 0 ||
	       picout_waits(&l->picout[JPEG]) > 0;
}

/* Give up what is late, and notice silence. */
static void
age(struct lane *l, int64_t now)
{
	int64_t rtt = l->rate.path.rtt, silence = 4 * rtt;
	int i;

	for (i = 0; i < PICTURES; i++) {
		if (picout_expire(&l->picout[i], rtt, now) > 0 && i == IVF)
			ask_coder(l, now);
		picin_expire(&l->picin[i], now);
	}
	if (flight_silent(
	        &l->flight, silence > SILENCE ? silence : SILENCE, now))
		rate_silence(&l->rate);
}

/* us without news after which to ask. */
static int64_t
patience(const struct lane *l)
{
	const struct path *p = &l->rate.path;
	int64_t var = 4 * p->var, t;

	if (p->samples == 0)
		return PATIENCE_FIRST;
	t = p->rtt + (var > 4000 ? var : 4000) + ACK_DELAY;
	return t > PATIENCE ? t : PATIENCE;
}

/* So much faster than the rate may be sent now. */
static double
haste(const struct lane *l)
{
	return flowout_waits(&l->out[BULK]) ? 1 : l->rate.haste;
}

static int
in_window(const struct lane *l)
{
	return l->flight.bytes + LANE_PACKET + WIRE <=
	       l->rate.window * haste(l);
}

static uint8_t
wish(const struct lane *l)
{
	int64_t w = l->rate.path.least / 4 / BLOCK_WISH;

	return (uint8_t)(w < 1 ? 1 : w > UINT8_MAX ? UINT8_MAX : w);
}

/* So many bytes go: the next may when they have left. */
static void
pace(struct lane *l, uint32_t bytes, int64_t now)
{
	/* This process may have been waiting for a processor. */
	int64_t most = (int64_t)(BURST * 1e6 / l->rate.now);

	if (most < BURST_LEAST)
		most = BURST_LEAST;
	if (most > BURST_MOST)
		most = BURST_MOST;
	if (l->next_send < now - most)
		l->next_send = now - most;
	l->next_send += (int64_t)(bytes * 1e6 / (l->rate.now * haste(l)));
}

/* The packet goes: its head is written and it is under way. */
static size_t
go(struct lane *l, struct making *m, int64_t now)
{
	struct block_prefix prefix = {m->p.asks, wish(l)};
	struct frame f = {.kind = FRAME_LINK,
	    .len = (uint16_t)(m->at - FRAME_HEAD),
	    .number = (uint32_t)l->flight.next,
	    .pieces = 1,
	    .time = (uint64_t)now};

	frame_put(m->out, &f);
	block_put_prefix(m->out + FRAME_HEAD, &prefix);
	m->p.at = now;
	m->p.bytes = (uint32_t)m->at + WIRE;
	m->p.idle = !flowout_waits(&l->out[BULK]) && !pictures_wait(l);
	if (flight_add(&l->flight, &m->p) == -1)
		return (size_t)none(l);
	l->sent++;
	/* The rate is one of packets that are acknowledged.  A receiver of files
	 * has a low one and many others to send: what it says at the end must
	 * not wait for those. */
	if (m->p.asks)
		pace(l, m->p.bytes, now);
	return m->at;
}

size_t
lane_give(struct lane *l, uint8_t *out, int64_t now)
{
	struct making m = {.out = out, .at = FRAME_HEAD + BLOCK_PREFIX};
	int allowed, waits;

	age(l, now);
	if (now >= flight_probe_at(&l->flight, patience(l))) {
		flight_probe(&l->flight, l->rate.path.rtt, now);
		l->probe = 1;
	}
	if (!flight_room(&l->flight) || l->broken)
		return 0;
	waits = pictures_wait(l) || flowout_waits(&l->out[BULK]);
	allowed = l->probe || (now >= l->next_send && in_window(l));
	if (now < ack_due(&l->ack) && !voice_waits(&l->voice, now) &&
	    !flowout_waits(&l->out[TEXT]) && !repeat_due(l, now) &&
	    !l->limits && !l->probe && !(allowed && waits))
		return 0;
	make_ack(l, &m, now);
	make_voice(l, &m, now);
	/* Voice is not made longer by what may wait. */
	if (m.p.asks && l->rate.now < apart)
		allowed = 0;
	make_limits(l, &m);
	make_text(l, &m, now);
	if (allowed) {
		make_pictures(l, &m);
		(void)make_bytes(l, &m, BULK);
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
lane_next_time(struct lane *l, int64_t now)
{
	int64_t t = ack_due(&l->ack);
	int i;

	if (flowout_waits(&l->out[TEXT]) || l->limits ||
	    voice_waits(&l->voice, now))
		return now;
	for (i = 0; i < PICTURES; i++) {
		t = earlier(t, picin_due(&l->picin[i]));
		/* Look again at a late one that is still hoped for. */
		t = earlier(t, picout_due(&l->picout[i]) > now
		                   ? picout_due(&l->picout[i])
		                   : now + 1000);
	}
	if (l->repeat.left > 0)
		t = earlier(t, l->repeat.at);
	if ((pictures_wait(l) || flowout_waits(&l->out[BULK])) && in_window(l))
		t = earlier(t, l->next_send);
	t = earlier(t, flight_probe_at(&l->flight, patience(l)));
	return t < now ? now : t;
}

/* ---- the programs ---- */

int
lane_room(const struct lane *l, uint8_t kind)
{
	int which = flow_of(kind);
	const struct flowout *o = &l->out[which];
	uint64_t most = unsent[which];

	if (l->ended)
		return 0;
	if (kind == FRAME_AUDIO)
		return 1;
	if (kind == FRAME_IVF || kind == FRAME_JPEG)
		return picout_room(&l->picout[kind == FRAME_IVF ? IVF : JPEG]);
	if (which == BULK && l->rate.now * 0.02 > (double)most)
		most = (uint64_t)(l->rate.now * 0.02);
	return o->end - o->next < most && o->end - o->low < windows[which];
}

static int
put_picture(
    struct lane *l, const struct frame *f, const uint8_t *payload, int64_t now)
{
	struct picout_path path = {l->flight.loss, l->rate.path.rtt};
	int r = picout_put(&l->picout[f->kind == FRAME_IVF ? IVF : JPEG], f,
	    payload, &path, now);

	return r == -2 ? none(l) : r;
}

/* Into a stream; e into both, so that it overtakes nothing. */
static int
put_bytes(struct lane *l, const struct frame *f, const uint8_t *payload)
{
	uint8_t head[FRAME_HEAD];
	int i;

	frame_put(head, f);
	for (i = 0; i < FLOWS; i++)
		if (f->kind == FRAME_END || flow_of(f->kind) == i)
			if (flowout_put(&l->out[i], head, FRAME_HEAD) == -1 ||
			    flowout_put(&l->out[i], payload, f->len) == -1)
				return none(l);
	l->ended |= f->kind == FRAME_END;
	return 0;
}

int
lane_put(struct lane *l, const struct frame *f, const uint8_t *payload,
    int64_t now, struct fault *bad)
{
	int r = 0;

	if (l->ended)
		return 0;
	if (f->kind != FRAME_BYTES)
		l->media_at = now;
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

static size_t
get_key(struct lane *l, uint8_t *out, int64_t now)
{
	struct frame f = {.kind = FRAME_KEYPLEASE,
	    .number = (uint32_t)l->key_number++,
	    .pieces = 1,
	    .time = (uint64_t)now};

	l->key = 0;
	frame_put(out, &f);
	return FRAME_HEAD;
}

/* The fate of a frame in a stream. */
enum fate { STAYS, GIVEN, DROPPED };

static enum fate
fate(const struct lane *l, int which, unsigned kinds, uint8_t kind)
{
	if (kind == FRAME_END)
		return STAYS;
	/* Of this stream are only those; a k has been heard already. */
	if (flow_of(kind) != which || !(LANE_KIND(kind) & LANE_ALL) ||
	    LANE_KIND(kind) & (l->ignored | LANE_KIND(FRAME_KEYPLEASE)))
		return DROPPED;
	return LANE_KIND(kind) & kinds ? GIVEN : STAYS;
}

/* The next frame of a stream, if it is of those kinds. */
static size_t
get_bytes(struct lane *l, int which, unsigned kinds, uint8_t *out)
{
	struct flowin *in = &l->in[which];
	enum fate f;
	size_t n;

	while ((n = flowin_frame(in, out)) > 0) {
		f = fate(l, which, kinds, out[0]);
		if (f == STAYS)
			return 0;
		flowin_next(in, n);
		l->limits |= flowin_news(in);
		if (f == GIVEN)
			return n;
	}
	return 0;
}

size_t
lane_get(struct lane *l, unsigned kinds, uint8_t *out, int64_t now)
{
	static const uint8_t kind[PICTURES] = {FRAME_IVF, FRAME_JPEG};
	size_t n = 0;
	int i;

	if (kinds & LANE_KIND(FRAME_AUDIO))
		n = voice_frame(&l->voice, out, now);
	if (n == 0 && l->key && kinds & LANE_KIND(FRAME_KEYPLEASE))
		n = get_key(l, out, now);
	if (n == 0)
		n = get_bytes(l, TEXT, kinds, out);
	for (i = 0; i < PICTURES && n == 0; i++)
		if (kinds & LANE_KIND(kind[i])) {
			picin_expire(&l->picin[i], now);
			n = picin_frame(&l->picin[i], out);
		}
	if (n == 0)
		n = get_bytes(l, BULK, kinds, out);
	return n;
}

void
lane_ignore(struct lane *l, unsigned kinds)
{
	l->ignored |= kinds;
}

int
lane_end(const struct lane *l, uint8_t out[static FRAME_HEAD])
{
	int i;

	for (i = 0; i < FLOWS; i++)
		if (!flowin_end(&l->in[i], out))
			return 0;
	return 1;
}

int
lane_whole(const struct lane *l)
{
	int i;

	for (i = 0; i < FLOWS; i++)
		if (!l->in[i].over)
			return 0;
	return 1;
}

int
lane_done(const struct lane *l)
{
	int i;

	for (i = 0; i < FLOWS; i++)
		if (l->out[i].low != l->out[i].end)
			return 0;
	return l->ended;
}

int64_t
lane_asked_at(const struct lane *l)
{
	return l->asked_at;
}

/* A picture coder's share of the rate, bytes a second. */
static double
coder(const struct lane *l)
{
	const struct picout_path path = {l->flight.loss, l->rate.path.rtt};
	double rate = 0.88 * rate_usable(&l->rate) - 6000;
	double loss = path.loss < 0.3 ? path.loss : 0.3;
	double late = (double)(l->rate.path.queue - 20000) / 150e3;

	if (rate < 4000)
		rate = 4000;
	rate *= 0.85 * (1 - loss) * 5 / (5 + picout_repairs(5, &path));
	if (!l->rate.competing && late > 0)
		rate *= 1 - (late < 0.6 ? late : 0.6);
	return rate;
}

struct lane_state
lane_state(const struct lane *l, int64_t now)
{
	const struct path *p = &l->rate.path;
	struct lane_state s = {.rtt = p->rtt,
	    .least_rtt = p->least,
	    .queue = p->queue,
	    .loss = l->flight.loss,
	    .rate = l->rate.now,
	    .coder = coder(l),
	    .sharing = l->rate.competing,
	    .pictures = l->picture_at && now < l->picture_at + MEDIA,
	    .sent = l->sent,
	    .resent = l->resent,
	    .for_nothing = l->flight.resent_for_nothing,
	    .lost = l->flight.losses};
	int i;

	if (l->flight.bytes > 0)
		s.quiet = now - l->flight.progress;
	for (i = 0; i < FLOWS; i++)
		s.memory += l->out[i].ring.size + l->in[i].ring.size;
	for (i = 0; i < PICTURES; i++) {
		s.resent += l->picout[i].resent;
		s.repair += l->picout[i].repaired;
		s.given_up += l->picout[i].given_up;
		s.recovered += l->picin[i].recovered;
	}
	return s;
}
