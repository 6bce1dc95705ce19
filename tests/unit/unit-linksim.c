/* unit-linksim: two ends of a link over a simulated path, in virtual time, and
 * what a person at each end would see.  SEEDS=n: that many runs of each scene
 * (4), SEED0=n: other ones; SCENE=text: only those whose name has that in it.
 * SPDX-License-Identifier: ISC */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/be.h"
#include "link/lane.h"
#include "tap.h"

enum { WIRE = 52, GRAIN = 200, ENDS = 4, MANY = 1 << 15, SECONDS = 128 };
enum { TCP_WIRE = 1500, TCP_DATA = 1448, TCP_ACK = 66 };
#define SEC 1000000ll
#define MS 1000ll

/* ---- a path: one direction ---- */

struct step {
	int64_t at;
	double rate;
};

struct route {
	double rate; /* bytes a second */
	int64_t delay, jitter; /* us */
	double buffer; /* bytes; beyond it the tail is dropped */
	double loss, burst; /* burst: mean length of a run; 0: each by itself */
	enum { IN_ORDER, OUT_OF_ORDER, TOGETHER } how; /* jitter is */
	int64_t cut_from, cut_to;
	int holds; /* an outage holds packets up, instead of losing them */
	struct step step[2];
};

struct packet {
	struct packet *next;
	int to; /* an end; -1: the TCP flow's */
	int n;
	int64_t seq, sent;
	uint8_t data[LANE_PACKET];
};

static struct way {
	struct route p;
	struct packet *first, **last;
	double queued, rest;
	int busy, bad;
	int64_t latest, gate;
} ways[2];

enum { TENTHS = 10 * SECONDS };
static double carried[TENTHS]; /* bytes of a tenth of a second, there */

/* ---- time and chance ---- */

enum event_type { LEAVES, ARRIVES, TIMER, SPEAKS, TYPES, FILMS, TCP_TIMER };

struct event {
	int64_t at;
	uint64_t order;
	enum event_type type;
	int who;
	struct packet *packet;
};

static struct event *heap;
static size_t heap_n, heap_room;
static uint64_t order, chance_state, seed0;
static int64_t now;

static double
chance(void)
{
	chance_state ^= chance_state << 13;
	chance_state ^= chance_state >> 7;
	chance_state ^= chance_state << 17;
	return (double)(chance_state >> 11) / 9007199254740992.0;
}

static double
normal(void)
{
	return sqrt(-2 * log(chance() + 1e-12)) * cos(6.283185307 * chance());
}

static int
sooner(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void
at(int64_t when, enum event_type type, int who, struct packet *p)
{
	struct event e = {when, order++, type, who, p};
	size_t i, up;

	if (heap_n == heap_room) {
		heap_room = heap_room ? 2 * heap_room : 1024;
		heap = realloc(heap, heap_room * sizeof(*heap));
		if (!heap)
			abort();
	}
	for (i = heap_n++; i > 0 && sooner(&e, &heap[up = (i - 1) / 2]); i = up)
		heap[i] = heap[up];
	heap[i] = e;
}

static struct event
next_event(void)
{
	struct event top = heap[0], e = heap[--heap_n];
	size_t i = 0, down;

	while ((down = 2 * i + 1) < heap_n) {
		if (down + 1 < heap_n && sooner(&heap[down + 1], &heap[down]))
			down++;
		if (sooner(&e, &heap[down]))
			break;
		heap[i] = heap[down];
		i = down;
	}
	heap[i] = e;
	return top;
}

/* ---- packets on their way ---- */

static double
rate_of(const struct route *p)
{
	double r = p->rate;

	for (int i = 0; i < 2; i++)
		if (p->step[i].at && now >= p->step[i].at)
			r = p->step[i].rate;
	return r;
}

static void
serve(int w)
{
	struct way *x = &ways[w];
	int64_t from = now, whole;

	if (!x->first)
		return;
	x->busy = 1;
	if (x->p.holds && now >= x->p.cut_from && now < x->p.cut_to)
		from = x->p.cut_to;
	/* A rest of a microsecond is the next packet's, or the path would
	 * be too fast. */
	x->rest += x->first->n * 1e6 / rate_of(&x->p);
	whole = (int64_t)x->rest;
	x->rest -= (double)whole;
	at(from + whole, LEAVES, w, NULL);
}

static void
enter(int w, struct packet *p)
{
	struct way *x = &ways[w];

	if (x->queued + p->n > x->p.buffer + TCP_WIRE) {
		free(p);
		return;
	}
	x->queued += p->n;
	p->next = NULL;
	if (!x->first)
		x->last = &x->first;
	*x->last = p;
	x->last = &p->next;
	if (!x->busy)
		serve(w);
}

static int
is_lost(struct way *x)
{
	double l = x->p.loss, b = x->p.burst;

	if (!x->p.holds && now >= x->p.cut_from && now < x->p.cut_to)
		return 1;
	if (b <= 1)
		return chance() < l;
	/* Gilbert's two states; all is lost in the bad one. */
	x->bad = x->bad ? chance() >= 1 / b : chance() < l / (1 - l) / b;
	return x->bad;
}

/* The jitter of what arrives then: each packet has its own, or waits for the next
 * moment at which all may pass, as on a mobile network. */
static int64_t
delayed(struct way *x, int64_t when)
{
	int64_t then = when + (int64_t)(chance() * (double)x->p.jitter);

	if (x->p.how == TOGETHER)
		for (then = x->gate; then < when; x->gate = then)
			then += (int64_t)(chance() * (double)x->p.jitter);
	if (x->p.how == IN_ORDER && then < x->latest)
		then = x->latest;
	x->latest = then;
	return then - when;
}

static void
leave(int w)
{
	struct way *x = &ways[w];
	struct packet *p = x->first;
	int64_t when = now + x->p.delay;

	if (w == 0 && now / (SEC / 10) < TENTHS)
		carried[now / (SEC / 10)] += p->n;
	x->first = p->next;
	x->queued -= p->n;
	x->busy = 0;
	serve(w);
	if (is_lost(x)) {
		free(p);
		return;
	}
	at(x->p.jitter ? when + delayed(x, when) : when, ARRIVES, w, p);
}

/* ---- an end: what a person and a coder do there ---- */

/* A picture as it was captured, and shown at the other end. */
struct shot {
	int64_t at, shown;
};

struct end {
	struct lane *lane;
	int id, peer, way;
	int64_t skew; /* the clocks do not agree */
	int64_t timer;
	/* Sent. */
	int speaks, types;
	double films; /* bytes a second at the most */
	int64_t bulk_from, bulk_to, text_to; /* us */
	uint32_t spoken, typed, numbers; /* numbers: of b */
	int64_t *spoken_at, *typed_at;
	uint32_t captures, coded;
	uint32_t *capture_of; /* of a coded picture */
	struct shot *shots;
	uint8_t *slot; /* a coded picture that waits for the lane */
	uint32_t slot_n;
	int slot_key, key_asked;
	int64_t slot_at, key_at;
	double debt; /* bytes that a key picture was too large */
	double told; /* what the coder knows, bytes a second */
	int64_t told_at;
	double *rates; /* ten a second */
	size_t rates_n;
	/* Received. */
	int64_t *heard_at, *read_at;
	uint32_t twice, disorder, wrong, text_next;
	uint64_t bulk, bulk_in[SECONDS];
	int chain;
	uint32_t next_picture;
	int64_t asked;
};

static struct end ends[ENDS];
static int ends_n;

static void
need(int good)
{
	if (!good) {
		printf("Bail out! a rule was broken at %.6f s\n",
		    (double)now / 1e6);
		exit(1);
	}
}

static void
put(struct end *e, struct frame f, const uint8_t *data)
{
	struct fault bad;

	if (f.pieces == 0)
		f.pieces = 1;
	f.time = (uint64_t)(now + e->skew);
	need(laneout_put(&e->lane->out, &f, data, now + e->skew, &bad) == 0);
}

static uint32_t
least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void
put_picture(struct end *e)
{
	uint32_t pieces = (e->slot_n + FRAME_DATA - 1) / FRAME_DATA, i, n;

	for (i = 0; i < pieces; i++) {
		n = least(FRAME_DATA, e->slot_n - i * FRAME_DATA);
		put(e,
		    (struct frame){.kind = FRAME_IVF,
		        .flags = (uint8_t)e->slot_key,
		        .len = (uint16_t)n,
		        .number = e->coded - 1,
		        .piece = (uint16_t)i,
		        .pieces = (uint16_t)pieces},
		    e->slot + i * FRAME_DATA);
	}
	free(e->slot);
	e->slot = NULL;
}

/* The coder hears of the path as chat-encode does: changes of 5 %, at most every
 * 50 ms, but of a fall by a fifth at once. */
static void
hear_rate(struct end *e)
{
	double r = lane_state(e->lane, now + e->skew).coder;

	if (r < e->told * 0.8 ||
	    (now >= e->told_at + 50 * MS && fabs(r - e->told) > e->told / 20)) {
		e->told = r;
		e->told_at = now;
	}
}

/* A picture's size varies; a key picture is three times as large, and the next
 * ones pay for it. */
static void
code_picture(struct end *e)
{
	double r = fmax(fmin(e->films, e->told), 4000), n, back;
	int key =
	    e->coded == 0 || (e->key_asked && now >= e->key_at + 300 * MS);

	n = r / 30 * exp(0.25 * normal() - 0.03);
	if (key) {
		n = r / 30 * 3;
		e->debt += n - r / 30;
		e->key_asked = 0;
		e->key_at = now;
	} else if (e->debt > 0) {
		back = fmin(e->debt, n * 0.2);
		n -= back;
		e->debt -= back;
	}
	e->slot_n = (uint32_t)fmax(n, 400);
	e->slot = malloc(e->slot_n);
	need(e->slot != NULL);
	memset(e->slot, (int)(e->coded & 255), e->slot_n);
	e->slot_key = key;
	e->slot_at = now;
	e->capture_of[e->coded++] = e->captures;
}

/* A piece of a picture came: it can be decoded if those before it were. */
static void
see(struct end *e, const struct frame *f, const uint8_t *data)
{
	struct end *from = &ends[e->peer];
	uint32_t i;

	for (i = 0; i < f->len; i++)
		e->wrong += data[i] != (f->number & 255);
	if (f->piece + 1 < f->pieces)
		return;
	if (f->flags & FRAME_KEYPIC)
		e->chain = 1;
	else if (f->number != e->next_picture)
		e->chain = 0;
	e->next_picture = f->number + 1;
	if (e->chain) {
		from->shots[from->capture_of[f->number]].shown = now;
	} else if (now > e->asked + 300 * MS) {
		e->asked = now;
		put(e, (struct frame){.kind = FRAME_KEYPLEASE}, NULL);
	}
}

/* Sound has copies of the two before it in it, as chat-phone sends it where
 * packets get lost. */
static void
hear(struct end *e, const struct frame *f)
{
	double loss = lane_state(ends[e->peer].lane, now).loss;
	uint32_t copies = loss < 0.01 ? 0 : loss < 0.08 ? 1 : 2, i;

	for (i = 0; i <= copies && i <= f->number; i++)
		if (!e->heard_at[f->number - i])
			e->heard_at[f->number - i] = now;
}

static void
got(struct end *e, const uint8_t *p)
{
	struct frame f;

	need(frame_get(&f, p) == 0);
	switch (f.kind) {
	case FRAME_AUDIO:
		hear(e, &f);
		break;
	case FRAME_TEXT:
		e->twice += e->read_at[f.number] != 0;
		e->disorder += f.number != e->text_next++;
		e->read_at[f.number] = now;
		break;
	case FRAME_BYTES:
		e->bulk += f.len;
		e->bulk_in[now / SEC] += f.len;
		break;
	case FRAME_KEYPLEASE:
		e->key_asked = 1;
		break;
	case FRAME_IVF:
		see(e, &f, p + FRAME_HEAD);
		break;
	}
}

/* All that can be done at this moment. */
static void
pump(struct end *e)
{
	static uint8_t bulk[FRAME_DATA];
	uint8_t buf[FRAME_MAX];
	int64_t local = now + e->skew, t;
	struct packet *p;
	int again;
	size_t n;

	do {
		again = 0;
		while (lanein_get(&e->lane->in, LANE_ALL, buf, local) > 0)
			got(e, buf);
		hear_rate(e);
		if (e->slot && laneout_room(&e->lane->out, FRAME_IVF))
			put_picture(e);
		while (now >= e->bulk_from && now < e->bulk_to &&
		       laneout_room(&e->lane->out, FRAME_BYTES))
			put(e,
			    (struct frame){.kind = FRAME_BYTES,
			        .len = FRAME_DATA,
			        .number = e->numbers++},
			    bulk);
		while ((n = lane_give(e->lane, buf, local)) > 0) {
			p = malloc(sizeof(*p));
			need(p != NULL);
			p->to = e->peer;
			p->n = (int)n + WIRE;
			memcpy(p->data, buf, n);
			enter(e->way, p);
			again = 1;
		}
	} while (again);
	t = lane_next_time(e->lane, local);
	if (t == INT64_MAX)
		return;
	t -= e->skew;
	/* A process wakes up a little late. */
	t = ((t < now ? now : t) / GRAIN + 1) * GRAIN;
	if (e->timer <= now || t < e->timer) {
		e->timer = t;
		at(t, TIMER, e->id, NULL);
	}
}

/* ---- a TCP flow: CUBIC, SACK, HyStart ---- */

static struct tcp {
	int64_t from, to; /* us; to 0: there is none */
	int64_t low, next, high, recover, round_end;
	double window, threshold, most, k;
	int64_t epoch, rtt, least, timeout, round_least;
	int under_way, samples;
	char *state; /* 0 not sent, 1 under way, 2 lost, 3 there */
	int64_t *sent;
	uint64_t got[SECONDS];
} tcp;

static void
tcp_pump(void)
{
	struct packet *p;
	int64_t i;

	while (tcp.under_way < (int)tcp.window) {
		for (i = tcp.low; i < tcp.next && tcp.state[i % MANY] != 2; i++)
			;
		if (i == tcp.next &&
		    (now > tcp.to || tcp.next - tcp.low > MANY - 10))
			break;
		tcp.next += i == tcp.next;
		tcp.state[i % MANY] = 1;
		tcp.sent[i % MANY] = now;
		tcp.under_way++;
		p = malloc(sizeof(*p));
		need(p != NULL);
		p->to = -1;
		p->n = TCP_WIRE;
		p->seq = i;
		p->sent = now;
		enter(0, p);
	}
	if (tcp.under_way > 0 && tcp.timeout <= now) {
		tcp.timeout = now + 400 * MS + 2 * tcp.rtt;
		at(tcp.timeout, TCP_TIMER, 0, NULL);
	}
}

static void
tcp_grow(int64_t seq, int64_t rtt)
{
	double t, w;
	int64_t limit;

	if (tcp.window >= tcp.threshold) {
		if (!tcp.epoch) {
			tcp.epoch = now;
			tcp.most = fmax(tcp.most, tcp.window);
			tcp.k = cbrt((tcp.most - tcp.window) / 0.4);
		}
		t = (double)(now - tcp.epoch + tcp.least) / 1e6;
		w = tcp.most + 0.4 * pow(t - tcp.k, 3);
		t = (double)(now - tcp.epoch) / (double)tcp.rtt;
		w = fmax(w, tcp.threshold + 0.53 * t);
		if (w > tcp.window)
			tcp.window += fmin((w - tcp.window) / tcp.window, 0.5);
		return;
	}
	tcp.window++;
	if (seq >= tcp.round_end) {
		tcp.round_end = tcp.next;
		tcp.round_least = INT64_MAX;
		tcp.samples = 0;
	}
	if (rtt < tcp.round_least)
		tcp.round_least = rtt;
	limit = (int64_t)fmin(fmax((double)tcp.least / 8, 4e3), 16e3);
	if (++tcp.samples >= 8 && tcp.round_least > tcp.least + limit &&
	    tcp.window > 16)
		tcp.threshold = tcp.window;
}

static void
tcp_acked(int64_t seq, int64_t sent)
{
	int64_t rtt = now - sent, i;
	int lost = 0;

	tcp.rtt = tcp.rtt ? tcp.rtt + (rtt - tcp.rtt) / 8 : rtt;
	if (!tcp.least || rtt < tcp.least)
		tcp.least = rtt;
	tcp.timeout = now + 400 * MS + 2 * tcp.rtt;
	at(tcp.timeout, TCP_TIMER, 0, NULL);
	if (seq >= tcp.low && tcp.state[seq % MANY] != 3) {
		tcp.under_way -= tcp.state[seq % MANY] == 1;
		tcp.state[seq % MANY] = 3;
	}
	if (seq > tcp.high)
		tcp.high = seq;
	for (i = tcp.low; i < tcp.high - 2; i++)
		if (tcp.state[i % MANY] == 1 && tcp.sent[i % MANY] < sent) {
			tcp.state[i % MANY] = 2;
			tcp.under_way--;
			lost = 1;
		}
	while (tcp.low < tcp.next && tcp.state[tcp.low % MANY] == 3)
		tcp.state[tcp.low++ % MANY] = 0;
	if (lost && tcp.low >= tcp.recover) {
		tcp.most = tcp.window * (tcp.window < tcp.most ? 0.85 : 1);
		tcp.window = tcp.threshold = fmax(tcp.window * 0.7, 2);
		tcp.epoch = 0;
		tcp.recover = tcp.next;
	} else if (tcp.low >= tcp.recover) {
		tcp_grow(seq, rtt);
	}
	tcp_pump();
}

static void
tcp_timed_out(void)
{
	int64_t i;

	if (tcp.next == 0) {
		tcp_pump();
		return;
	}
	if (now < tcp.timeout || tcp.under_way == 0)
		return;
	for (i = tcp.low; i < tcp.next; i++)
		if (tcp.state[i % MANY] == 1)
			tcp.state[i % MANY] = 2;
	tcp.under_way = 0;
	tcp.threshold = fmax(tcp.window / 2, 2);
	tcp.window = 1;
	tcp.recover = tcp.next;
	tcp_pump();
}

static void
tcp_got(struct packet *p, int way)
{
	if (way == 1) {
		tcp_acked(p->seq, p->sent);
		free(p);
		return;
	}
	tcp.got[now / SEC] += TCP_DATA;
	p->n = TCP_ACK;
	enter(1, p);
}

/* ---- a run ---- */

static void *
zeros(size_t n)
{
	void *p = calloc(MANY, n);

	need(p != NULL);
	return p;
}

static void
begin(const struct route *there, const struct route *back, int seed)
{
	chance_state =
	    ((uint64_t)seed + seed0) * 2654435761u + 88172645463325252ull;
	for (int i = 0; i < 20; i++)
		(void)chance();
	now = 0;
	ends_n = 0;
	memset(ways, 0, sizeof(ways));
	memset(carried, 0, sizeof(carried));
	memset(ends, 0, sizeof(ends));
	memset(&tcp, 0, sizeof(tcp));
	ways[0].p = *there;
	ways[1].p = *back;
}

/* Two ends more, the first of which sends there. */
static struct end *
pair(void)
{
	struct end *e;
	int i;

	for (i = 0; i < 2; i++) {
		e = &ends[ends_n];
		e->id = ends_n++;
		e->peer = e->id ^ 1;
		e->way = i;
		e->skew = i ? 123456789 : 4294000111;
		e->lane = lane_new(e->skew);
		need(e->lane != NULL);
		e->bulk_from = INT64_MAX;
		e->bulk_to = e->text_to = INT64_MAX;
		e->told = 125000;
		e->spoken_at = zeros(sizeof(int64_t));
		e->heard_at = zeros(sizeof(int64_t));
		e->typed_at = zeros(sizeof(int64_t));
		e->read_at = zeros(sizeof(int64_t));
		e->shots = zeros(sizeof(struct shot));
		e->capture_of = zeros(sizeof(uint32_t));
		e->rates = zeros(sizeof(double));
	}
	return e - 1;
}

static void
arrive(int way, struct packet *p)
{
	struct end *e = &ends[p->to < 0 ? 0 : p->to];
	struct frame f;
	struct fault bad;

	if (p->to < 0) {
		tcp_got(p, way);
		return;
	}
	need(frame_get(&f, p->data) == 0);
	need(lane_take(
	         e->lane, &f, p->data + FRAME_HEAD, now + e->skew, &bad) == 0);
	free(p);
	pump(e);
}

static void
happen(const struct event *v)
{
	static const uint8_t data[80];
	struct end *e = &ends[v->who < ENDS ? v->who : 0];

	switch (v->type) {
	case LEAVES:
		leave(v->who);
		return;
	case ARRIVES:
		arrive(v->who, v->packet);
		return;
	case TCP_TIMER:
		tcp_timed_out();
		return;
	case TIMER:
		e->timer = e->timer <= now ? 0 : e->timer;
		break;
	case SPEAKS:
		e->spoken_at[e->spoken] = now;
		put(e,
		    (struct frame){
		        .kind = FRAME_AUDIO, .len = 80, .number = e->spoken++},
		    data);
		at(now + 20 * MS, SPEAKS, v->who, NULL);
		break;
	case TYPES:
		if (now >= e->text_to)
			return;
		e->typed_at[e->typed] = now;
		put(e,
		    (struct frame){
		        .kind = FRAME_TEXT, .len = 40, .number = e->typed++},
		    data);
		at(now + (int64_t)(3e5 + 1.7e6 * chance()), TYPES, v->who,
		    NULL);
		break;
	case FILMS:
		e->shots[e->captures].at = now;
		if (!e->slot)
			code_picture(e);
		if (++e->captures % 3 == 0)
			e->rates[e->rates_n++] = fmin(e->films, e->told);
		at(now + 33333, FILMS, v->who, NULL);
		break;
	}
	pump(e);
}

static void
run(double seconds)
{
	int64_t end = (int64_t)(seconds * 1e6);
	struct event v;
	int i;

	for (i = 0; i < ends_n; i++) {
		if (ends[i].speaks)
			at(1000 * i, SPEAKS, i, NULL);
		if (ends[i].types)
			at(0, TYPES, i, NULL);
		if (ends[i].films > 0)
			at(500, FILMS, i, NULL);
		at(0, TIMER, i, NULL);
		if (ends[i].bulk_from < INT64_MAX)
			at(ends[i].bulk_from, TIMER, i, NULL);
	}
	if (tcp.to) {
		tcp.window = 10;
		tcp.threshold = 1e9;
		tcp.state = zeros(1);
		tcp.sent = zeros(sizeof(int64_t));
		at(tcp.from, TCP_TIMER, 0, NULL);
	}
	while (heap_n > 0) {
		v = next_event();
		if (v.at < end) {
			now = v.at;
			happen(&v);
		} else if (v.type == ARRIVES) {
			free(v.packet);
		}
	}
	now = end;
}

static void
finish(void)
{
	struct packet *p;
	struct end *e;

	for (int i = 0; i < 2; i++)
		while ((p = ways[i].first)) {
			ways[i].first = p->next;
			free(p);
		}
	for (e = ends; e < ends + ends_n; e++) {
		lane_free(e->lane);
		free(e->spoken_at);
		free(e->heard_at);
		free(e->typed_at);
		free(e->read_at);
		free(e->shots);
		free(e->capture_of);
		free(e->rates);
		free(e->slot);
	}
	free(tcp.state);
	free(tcp.sent);
}

/* ---- what was seen ---- */

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* ms, but part: of 1, within the limit. */
struct seen {
	double mean, p50, p99, most, part;
	unsigned n, lost;
};

static struct seen
delays(const int64_t *sent, const int64_t *came, uint32_t n, int64_t from,
    int64_t to, int64_t limit)
{
	double *d = malloc((n + 1) * sizeof(*d));
	struct seen s = {0};
	unsigned all = 0, in = 0;
	uint32_t i;

	need(d != NULL);
	for (i = 0; i < n; i++) {
		if (sent[i] < from || sent[i] >= to)
			continue;
		all++;
		if (!came[i]) {
			s.lost++;
			continue;
		}
		in += came[i] - sent[i] <= limit;
		d[s.n] = (double)(came[i] - sent[i]) / 1e3;
		s.mean += d[s.n++];
	}
	qsort(d, s.n, sizeof(*d), by_size);
	if (s.n > 0) {
		s.mean /= s.n;
		s.p50 = d[s.n / 2];
		s.p99 = d[(unsigned)(s.n * 0.99)];
		s.most = d[s.n - 1];
	}
	s.part = all ? (double)in / all : 0;
	free(d);
	return s;
}

struct watched {
	double part, freeze, age99, oldest; /* of 1; ms */
};

/* The pictures captured from .. to. */
static struct watched
watch(const struct end *e, int64_t delay, int64_t from, int64_t to)
{
	int64_t *sent = zeros(sizeof(int64_t)), *came = zeros(sizeof(int64_t));
	struct watched w = {0};
	int64_t last = 0;
	struct seen s;
	uint32_t i;

	for (i = 0; i < e->captures; i++) {
		sent[i] = e->shots[i].at;
		came[i] = e->shots[i].shown;
		if (!came[i] || came[i] >= to)
			continue;
		if (last && came[i] >= from)
			w.freeze =
			    fmax(w.freeze, (double)(came[i] - last) / 1e3);
		last = came[i];
	}
	s = delays(sent, came, e->captures, from, to, delay + 200 * MS);
	w.part = s.part;
	w.age99 = s.p99;
	w.oldest = s.most;
	free(sent);
	free(came);
	return w;
}

static uint64_t
sum(const uint64_t *v, int from, int to)
{
	uint64_t n = 0;

	for (; from < to; from++)
		n += v[from];
	return n;
}

/* ---- scenes ---- */

static int seeds = 4;
static const char *only;

static struct route
a_path(double mbit, double rtt, double buffer_ms)
{
	struct route p = {.rate = mbit * 125000, .delay = (int64_t)(rtt * 500)};

	p.buffer = fmax(p.rate * buffer_ms / 1e3, 6000);
	return p;
}

static int
wanted(const char *name)
{
	return !only || strstr(name, only);
}

static void
text(double loss, double rtt)
{
	struct route p = a_path(100, rtt, 50);
	struct end *e;
	struct seen s;

	if (!wanted("text"))
		return;
	p.loss = loss;
	begin(&p, &p, 7);
	e = pair();
	e->types = 1;
	e->text_to = 300 * SEC;
	run(320);
	s = delays(e->typed_at, e[1].read_at, e->typed, 0, INT64_MAX, SEC);
	ok(s.mean <= 100 && s.p99 <= 350 && !s.lost && !e[1].twice &&
	        !e[1].disorder,
	    "text, %.0f %% loss each way, RTT %.0f: mean %.0f ms, 99 %% %.0f; "
	    "%u lines, %u lost, %u twice",
	    loss * 100, rtt, s.mean, s.p99, s.n, s.lost, e[1].twice);
	finish();
}

static void
voice(double loss, double burst, double want)
{
	struct route p = a_path(10, 50, 200);
	struct end *e;
	struct seen s;

	if (!wanted("voice"))
		return;
	p.loss = loss;
	p.burst = burst;
	begin(&p, &p, 11);
	e = pair();
	e->speaks = e[1].speaks = 1;
	run(120);
	s = delays(e->spoken_at, e[1].heard_at, e->spoken, 5 * SEC, 119 * SEC,
	    p.delay + 60 * MS);
	ok(s.part >= want,
	    "voice, %.0f %% loss in runs of %.0f: %.2f %% within 60 ms of the "
	    "path (at least %.0f)",
	    loss * 100, fmax(burst, 1), s.part * 100, want * 100);
	finish();
}

static void
video(double mbit, double rtt, double loss, double burst, double want)
{
	struct route p = a_path(mbit, rtt, 200);
	struct watched w, m = {.part = 1};
	unsigned long keys = 0;
	uint32_t wrong = 0;
	struct end *e;

	if (!wanted("video"))
		return;
	p.loss = loss;
	p.burst = burst;
	for (int s = 0; s < seeds; s++) {
		begin(&p, &p, 13 + s);
		e = pair();
		e->films = 125000;
		e->speaks = e[1].speaks = 1;
		run(65);
		w = watch(e, p.delay, 5 * SEC, 60 * SEC);
		m.part = fmin(m.part, w.part);
		m.freeze = fmax(m.freeze, w.freeze);
		m.age99 = fmax(m.age99, w.age99);
		keys += lane_state(e->lane, 0).given_up;
		wrong += e[1].wrong;
		finish();
	}
	ok(m.part >= want && wrong == 0,
	    "video, %.1f Mbit/s, RTT %.0f, %.0f %% loss in runs of %.0f: "
	    "%.2f %% shown within 200 ms (at least %.1f), 99 %% at %.0f ms, "
	    "freeze %.0f, given up %lu",
	    mbit, rtt, loss * 100, fmax(burst, 1), m.part * 100, want * 100,
	    m.age99, m.freeze, keys);
}

static void
beside(double mbit, double rtt, double p50, double p99)
{
	struct route p = a_path(mbit, rtt, 200);
	double d50 = 0, d99 = 0, rate = 1e9;
	struct seen a, b;
	unsigned lost = 0;
	struct end *e;

	if (!wanted("beside"))
		return;
	for (int s = 0; s < seeds; s++) {
		begin(&p, &p, 17 + s);
		e = pair();
		e->speaks = e[1].speaks = 1;
		e->bulk_from = 20 * SEC + (int64_t)(1e6 * chance());
		run(60);
		a = delays(e->spoken_at, e[1].heard_at, e->spoken, 5 * SEC,
		    20 * SEC, SEC);
		b = delays(e->spoken_at, e[1].heard_at, e->spoken, 20 * SEC,
		    58 * SEC, SEC);
		d50 = fmax(d50, b.p50 - a.p50);
		d99 = fmax(d99, b.p99 - a.p99);
		rate = fmin(rate, (double)e[1].bulk * 8e-6 / 39.5);
		lost += b.lost;
		finish();
	}
	ok(d50 < p50 && d99 < p99 && lost == 0 && rate > 0.8 * mbit,
	    "voice beside a file, %.0f Mbit/s, RTT %.0f: +%.1f ms (below "
	    "%.0f), 99 %% +%.1f (below %.0f); file %.1f Mbit/s",
	    mbit, rtt, d50, p50, d99, p99, rate);
}

/* Seconds from the file's start until a tenth of a second has 0.9 of the path. */
static double
full_after(double mbit, int64_t from)
{
	double want = mbit * 125000 / 10 * 0.9;
	int i;

	for (i = 0; i < TENTHS && carried[i] < want; i++)
		;
	return i * 0.1 - (double)from / 1e6 + 0.1;
}

/* What a voice waits while a file begins, in the same session or in another. */
static void
beginning(double mbit, double rtt, int apart, double p50, double p99)
{
	struct route p = a_path(mbit, rtt, 200);
	double d50 = 0, d99 = 0, most = 0, late = 0, m = 0;
	struct seen a, b;
	struct end *e, *f;

	if (!wanted("beginning"))
		return;
	for (int s = 0; s < seeds; s++) {
		begin(&p, &p, 47 + s);
		e = f = pair();
		if (apart)
			f = pair();
		e->speaks = e[1].speaks = 1;
		f->bulk_from = 8 * SEC + (int64_t)(1e6 * chance());
		run(18);
		a = delays(e->spoken_at, e[1].heard_at, e->spoken, 3 * SEC,
		    8 * SEC, SEC);
		b = delays(e->spoken_at, e[1].heard_at, e->spoken, f->bulk_from,
		    f->bulk_from + 9 * SEC, SEC);
		d50 = fmax(d50, b.p50 - a.p50);
		d99 = fmax(d99, b.p99 - a.p50);
		most = fmax(most, b.most - a.p50);
		m += (b.most - a.p50) / seeds;
		late = fmax(late, full_after(mbit, f->bulk_from));
		finish();
	}
	ok(d50 < p50 && d99 < p99,
	    "beginning, %.0f Mbit/s, RTT %.0f, file %s: voice +%.1f ms, 99 %% "
	    "+%.1f, most +%.1f (mean %.1f); full after %.1f s",
	    mbit, rtt, apart ? "apart" : "beside", d50, d99, most, m, late);
}

/* The rate falls at 20 s and is back at 40. */
static void
halved(double before, double after, double rtt, double oldest)
{
	struct route p = a_path(before, rtt, 200), back = p;
	struct watched w, x, m = {0};
	double late = 0, freeze = 0;
	struct end *e;
	size_t i;

	if (!wanted("halved"))
		return;
	p.step[0] = (struct step){20 * SEC, after * 125000};
	p.step[1] = (struct step){40 * SEC, before * 125000};
	for (int s = 0; s < seeds; s++) {
		begin(&p, &back, 19 + s);
		e = pair();
		e->films = 125000;
		e->speaks = e[1].speaks = 1;
		run(62);
		w = watch(e, p.delay, 19 * SEC, 40 * SEC);
		x = watch(e, p.delay, 40 * SEC, 60 * SEC);
		m.oldest = fmax(m.oldest, w.oldest);
		m.age99 = fmax(m.age99, w.age99);
		freeze = fmax(freeze, fmax(w.freeze, x.freeze));
		for (i = 400; i < e->rates_n; i++)
			if (e->rates[i] >=
			    0.95 * fmin(e->films, 0.75 * before * 125000))
				break;
		late = fmax(late, (double)i / 10 - 40);
		finish();
	}
	ok(m.oldest <= oldest && freeze <= 300 && late <= 5,
	    "halved, %.1f to %.1f Mbit/s and back, RTT %.0f: oldest %.0f ms "
	    "(at most %.0f), 99 %% at %.0f, freeze %.0f, back after %.1f s",
	    before, after, rtt, m.oldest, oldest, m.age99, freeze, late);
}

/* Two seconds of nothing. */
static void
outage(int holds, double mbit, double rtt)
{
	struct route p = a_path(mbit, rtt, 200);
	double first, late = 0, oldest = 0;
	struct watched w;
	struct end *e;
	uint32_t i;

	if (!wanted("outage"))
		return;
	p.cut_from = 20 * SEC;
	p.cut_to = 22 * SEC;
	p.holds = holds;
	for (int s = 0; s < seeds; s++) {
		begin(&p, &p, 23 + s);
		e = pair();
		e->films = 125000;
		e->speaks = e[1].speaks = 1;
		run(40);
		w = watch(e, p.delay, 23 * SEC, 38 * SEC);
		oldest = fmax(oldest, w.oldest);
		first = INFINITY;
		for (i = 0; i < e->captures; i++)
			if (e->shots[i].shown > p.cut_to)
				first = fmin(first,
				    (double)(e->shots[i].shown - p.cut_to));
		late = fmax(late, first / 1e3);
		finish();
	}
	ok(late < 1000 && oldest - rtt / 2 <= 200,
	    "outage of 2 s, packets %s, %.0f Mbit/s, RTT %.0f: pictures after "
	    "%.0f ms, 1 s later none older than %.0f",
	    holds ? "held up" : "lost", mbit, rtt, late, oldest);
}

static void
file(double mbit, double rtt, double loss, double want)
{
	struct route p = a_path(mbit, rtt, fmax(rtt, 20));
	int seconds = mbit > 500 ? 8 : 15;
	struct end *e;
	double part;

	if (!wanted("file"))
		return;
	p.loss = loss;
	begin(&p, &p, 29);
	e = pair();
	e->bulk_from = 0;
	run(seconds);
	part = (double)sum(e[1].bulk_in, 5, seconds) / (seconds - 5) / p.rate;
	ok(part >= want,
	    "file, %.0f Mbit/s, RTT %.0f, %.0f %% loss: %.3f of the path (at "
	    "least %.2f)",
	    mbit, rtt, loss * 100, part, want);
	finish();
}

static void
beside_tcp(double mbit, double rtt, double buffer, int first, double want)
{
	struct route p = a_path(mbit, rtt, buffer);
	double a, b, low = 1, high = 0, again = 1;
	struct end *e;

	if (!wanted("tcp"))
		return;
	for (int s = 0; s < seeds; s++) {
		begin(&p, &p, 31 + s);
		e = pair();
		e->bulk_from = 0;
		e->speaks = 1;
		tcp.to = 80 * SEC;
		if (first)
			e->bulk_from = 5 * SEC + (int64_t)(3e6 * chance());
		else
			tcp.from = 5 * SEC + (int64_t)(3e6 * chance());
		run(110);
		a = (double)sum(e[1].bulk_in, 20, 80);
		b = (double)sum(tcp.got, 20, 80);
		low = fmin(low, a / (a + b));
		high = fmax(high, a / (a + b));
		again = fmin(
		    again, (double)sum(e[1].bulk_in, 90, 110) / (20 * p.rate));
		finish();
	}
	ok(low >= want && high <= 0.7 && again > 0.85,
	    "tcp, CUBIC %s, %.0f Mbit/s, RTT %.0f, buffer %.0f ms: our share "
	    "%.2f to %.2f (at least %.2f), alone again %.2f",
	    first ? "first" : "later", mbit, rtt, buffer, low, high, want,
	    again);
}

static void
beside_itself(double mbit, double rtt, double buffer)
{
	struct route p = a_path(mbit, rtt, buffer);
	double a, b, low = 1, high = 0, used = 1;
	struct end *e, *f;

	if (!wanted("itself"))
		return;
	for (int s = 0; s < seeds; s++) {
		begin(&p, &p, 37 + s);
		e = pair();
		f = pair();
		e->bulk_from = 0;
		e->speaks = 1;
		f->bulk_from = 10 * SEC + (int64_t)(3e6 * chance());
		run(70);
		a = (double)sum(e[1].bulk_in, 30, 70);
		b = (double)sum(f[1].bulk_in, 30, 70);
		low = fmin(low, a / (a + b));
		high = fmax(high, a / (a + b));
		used = fmin(used, (a + b) / (40 * p.rate));
		finish();
	}
	ok(low > 0.2 && high < 0.8 && used > 0.85,
	    "itself, %.0f Mbit/s, RTT %.0f: the first one's share %.2f to "
	    "%.2f, of %.2f",
	    mbit, rtt, low, high, used);
}

static void
jittery(double mbit, double rtt, double jitter, double want)
{
	struct route p = a_path(mbit, rtt, 200);
	struct lane_state st;
	struct end *e;
	double part;

	if (!wanted("jitter"))
		return;
	p.jitter = (int64_t)(jitter * 1000);
	p.how = OUT_OF_ORDER;
	begin(&p, &p, 41);
	e = pair();
	e->bulk_from = 0;
	run(20);
	part = (double)sum(e[1].bulk_in, 8, 20) / (12 * p.rate);
	st = lane_state(e->lane, 0);
	ok(part > want && st.for_nothing * 100 < st.sent,
	    "jitter, %.0f Mbit/s, RTT %.0f, up to %.0f ms and out of order: "
	    "%.3f of the path, %lu of %lu resent for nothing",
	    mbit, rtt, jitter, part, st.for_nothing, st.sent);
	finish();
}

/* A call that has use for 2 Mbit/s of pictures. */
static void
jumpy(double rtt, double jitter, int how, double want, double part)
{
	static const char *const hows[] = {
	    "in order", "out of order", "together"};
	struct route p = a_path(10, rtt, 400);
	double least = INFINITY, shown = 1, rate;
	struct end *e;
	size_t i;

	if (!wanted("jitter"))
		return;
	p.jitter = (int64_t)(jitter * 1000);
	p.how = how;
	for (int s = 0; s < seeds; s++) {
		begin(&p, &p, 43 + s);
		e = pair();
		e->films = 250000;
		e->speaks = e[1].speaks = 1;
		run(65);
		for (rate = 0, i = 100; i < e->rates_n; i++)
			rate += e->rates[i] / (double)(e->rates_n - 100);
		least = fmin(least, rate);
		shown = fmin(shown,
		    watch(e, p.delay + p.jitter, 5 * SEC, 60 * SEC).part);
		finish();
	}
	ok(least >= want * 125000 && shown >= part,
	    "a call with jitter, RTT %.0f, up to %.0f ms %s: %.2f Mbit/s for "
	    "pictures (at least %.2f), %.2f %% shown (at least %.0f)",
	    rtt, jitter, hows[how], least / 125000, want, shown * 100,
	    part * 100);
}

int
main(void)
{
	const char *s = getenv("SEEDS"), *z = getenv("SEED0");

	seeds = s ? atoi(s) : seeds;
	seed0 = z ? (uint64_t)atoll(z) : 0;
	only = getenv("SCENE");
	text(0.29, 100);
	text(0.05, 50);
	voice(0.2, 0, 0.95);
	voice(0.1, 0, 0.97);
	voice(0.1, 5, 0.88);
	video(10, 50, 0, 0, 0.995);
	video(10, 50, 0.01, 0, 0.99);
	video(10, 50, 0.1, 0, 0.98);
	video(10, 50, 0.1, 3, 0.95);
	video(10, 150, 0.1, 0, 0.95);
	video(10, 50, 0.2, 0, 0.95);
	video(1.5, 50, 0.1, 0, 0.88);
	beside(10, 20, 5, 30);
	beside(10, 100, 5, 30);
	beginning(4, 10, 0, 5.5, 10);
	beginning(4, 50, 0, 5.5, 15);
	beginning(10, 10, 0, 5, 6);
	beginning(10, 50, 0, 5, 9);
	beginning(10, 100, 0, 5, 12);
	beginning(20, 50, 0, 5, 9);
	beginning(100, 50, 0, 5, 9);
	beginning(4, 50, 1, 5.5, 12);
	beginning(10, 10, 1, 5, 6);
	beginning(10, 50, 1, 5, 9);
	beginning(20, 50, 1, 5, 9);
	halved(2, 0.5, 50, 450);
	halved(1, 0.5, 50, 350);
	halved(10, 0.5, 50, 450);
	outage(0, 10, 50);
	outage(1, 10, 50);
	outage(0, 2, 150);
	file(10, 1, 0, 0.9);
	file(100, 20, 0, 0.9);
	file(10, 100, 0.01, 0.8);
	file(1000, 20, 0.01, 0.8);
	beside_tcp(10, 50, 200, 1, 0.3);
	beside_tcp(10, 20, 200, 0, 0.3);
	beside_tcp(50, 100, 200, 0, 0.1);
	beside_itself(10, 50, 200);
	jittery(20, 40, 10, 0.8);
	jumpy(40, 25, IN_ORDER, 1, 0.99);
	jumpy(20, 50, IN_ORDER, 1, 0.98);
	jumpy(40, 100, IN_ORDER, 1, 0.98);
	jumpy(40, 50, OUT_OF_ORDER, 1, 0.98);
	jumpy(40, 50, TOGETHER, 1, 0.98);
	jumpy(20, 100, TOGETHER, 1, 0.98);
	free(heap);
	return done();
}
