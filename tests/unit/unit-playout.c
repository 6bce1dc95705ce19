/* unit-playout: a voice across a network that is not there, in virtual time.
 * SPDX-License-Identifier: ISC */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio/copies.h"
#include "audio/losses.h"
#include "audio/playout.h"
#include "tap.h"

enum { MS = 48, SLOT = SLOTS_SAMPLES, WANT = 5 * MS, SETTLED = 15 };

/* Times in ms, from the beginning. */
static const struct path {
	double loss, burst; /* per cent; messages lost in a row, mean */
	double delay, jitter; /* exponential */
	double pulse; /* messages come only at multiples of it */
	double stall_at, stall; /* the path holds all messages, */
	double quiet_at, quiet; /* the sender says nothing, */
	double stop_at, stop; /* or the receiver is stopped */
	double ppm; /* by which the sender's clock is faster */
	int secs;
	int plain; /* without copies */
} easy = {.delay = 20,
    .secs = 60,
    .burst = 1,
    .stall_at = -1,
    .quiet_at = -1,
    .stop_at = -1};

struct packet {
	double at; /* when it comes, in ms; INFINITY: never */
	uint32_t number;
	unsigned n;
	uint8_t back[COPIES_MOST + 1];
};

static struct result {
	unsigned long concealed, slots;
	double mean, most, end; /* delay beyond the path's, ms */
	struct playout_count count;
} got;

static uint64_t seed;

static double
chance(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(seed >> 11) / 9007199254740992.;
}

/* What is said: a voice of 130 Hz for a second, then a pause of 0.4 s.  A coded
 * frame is its slot's number. */
static int
decode(void *arg, const uint8_t *p, size_t n, int16_t pcm[static SLOT])
{
	uint32_t slot = 0;
	int i;

	(void)arg;
	(void)n;
	if (p)
		memcpy(&slot, p, sizeof(slot));
	for (i = 0; i < SLOT; i++)
		pcm[i] =
		    slot % 70 >= 50
		        ? 0
		        : (int16_t)(6000 *
		                    sin(2 * M_PI * 130 *
		                        (double)(slot * SLOT + (uint32_t)i) /
		                        48000));
	return 0;
}

/* When message i, sent at t, comes. */
static double
comes(const struct path *p, double t)
{
	static int bad;
	double at = t + p->delay;
	int lost;

	if (p->burst > 1)
		bad = bad ? chance() > 1 / p->burst
		          : chance() < p->loss / (100 - p->loss) / p->burst;
	lost = p->burst > 1 ? bad : chance() * 100 < p->loss;
	if (p->jitter > 0)
		at -= p->jitter * log(1 - chance() * .9999);
	if (p->pulse > 0)
		at = ceil(at / p->pulse) * p->pulse;
	if (t >= p->stall_at && t < p->stall_at + p->stall)
		at = p->stall_at + p->stall + p->delay;
	if (lost || (t >= p->quiet_at && t < p->quiet_at + p->quiet))
		return INFINITY;
	return at;
}

static int
sooner(const void *a, const void *b)
{
	const struct packet *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* All messages, with the copies that the receiver's reports lead to: those come
 * back as late as the path is long. */
static struct packet *
send_all(const struct path *p, long n)
{
	struct packet *all = calloc((size_t)n, sizeof(*all));
	struct losses seen = {0};
	struct copies copies = {0};
	uint8_t lost, runs;
	double t;
	long i;

	for (i = 0; i < n; i++) {
		t = (double)(i + 1) * 20 / (1 + p->ppm * 1e-6);
		losses_count(&seen, &lost, &runs);
		copies_report(&copies, lost, runs, (int64_t)(t * 1000) + 1);
		all[i].number = (uint32_t)i;
		all[i].n = 1;
		if (!p->plain)
			all[i].n += copies_back(&copies, all[i].back + 1);
		all[i].at = comes(p, t);
		if (all[i].at < INFINITY)
			losses_take(&seen, (uint32_t)i);
	}
	qsort(all, (size_t)n, sizeof(*all), sooner);
	return all;
}

static void
deliver(struct playout *p, const struct packet *m, int64_t now)
{
	uint32_t slot;
	unsigned i;

	for (i = 0; i < m->n; i++)
		if (m->back[i] <= m->number) {
			slot = m->number - m->back[i];
			playout_put(p, m->number, m->back[i],
			    (const uint8_t *)&slot, sizeof(slot), now);
		}
}

static void
play(const struct path *p)
{
	static struct playout out;
	long n = p->secs * 50L, i = 0, counted = 0;
	struct packet *all = send_all(p, n);
	int16_t pcm[WANT];
	double now, d;
	int64_t clock, last = (int64_t)((double)n * SLOT / (1 + p->ppm * 1e-6));

	memset(&got, 0, sizeof(got));
	playout_open(&out, decode, NULL);
	for (clock = 0; clock < last; clock += WANT) {
		now = (double)clock / MS;
		if (now >= p->stop_at && now < p->stop_at + p->stop)
			continue;
		/* What came while it was stopped is read only now. */
		for (; i < n && all[i].at <= now; i++)
			deliver(&out, &all[i],
			    now - all[i].at > 5 ? clock
			                        : (int64_t)(all[i].at * MS));
		playout_get(&out, pcm, WANT, clock);
		if (!out.begun || now < SETTLED * 1000)
			continue;
		d = (double)out.delay / MS + PLAYOUT_BASE * 20. - p->delay +
		    now * p->ppm * 1e-6;
		got.mean += d;
		got.most = d > got.most ? d : got.most;
		got.end = d;
		counted++;
	}
	got.mean /= (double)counted;
	got.count = out.count;
	got.slots = out.count.played + out.count.copied + out.count.concealed +
	            out.count.silent;
	got.concealed = out.count.concealed + out.count.silent;
	free(all);
}

static double
percent(void)
{
	return 100. * (double)got.concealed / (double)got.slots;
}

static void
run(const char *name, struct path p, uint64_t with)
{
	seed = with * 7919 + 1;
	play(&p);
	printf("# %s: %.2f %% concealed, delay %.1f ms, at most %.1f, at the "
	       "end %.1f; %lu from copies, %lu late, %lu anew, %.0f ms cut, "
	       "%.0f grown\n",
	    name, percent(), got.mean, got.most, got.end, got.count.copied,
	    got.count.late, got.count.anew, (double)got.count.cut / MS,
	    (double)got.count.grown / MS);
}

static struct path
with(double loss, double burst, double jitter)
{
	struct path p = easy;

	p.loss = loss;
	p.burst = burst;
	p.jitter = jitter;
	return p;
}

static void
losing(void)
{
	struct path p = with(20, 1, 3);
	double plain;

	run("clean", with(0, 1, 0), 3);
	ok(got.concealed == 0 && got.mean < 32, "a clean path");
	run("20 % random", p, 3);
	ok(percent() < 2, "20 %% random: %.2f %% concealed", percent());
	p.plain = 1;
	run("20 % random, without copies", p, 3);
	plain = percent();
	ok(plain > 15, "without copies %.1f %%", plain);
	run("10 % in bursts of 3", with(10, 3, 3), 3);
	ok(percent() < 3, "10 %% in bursts of 3: %.2f %%", percent());
	run("10 % in bursts of 5", with(10, 5, 3), 3);
	ok(percent() < 6, "10 %% in bursts of 5: %.2f %%", percent());
}

/* For an hour. */
static void
drifting(double ppm)
{
	struct path p = easy;
	char name[64];

	p.secs = 3600;
	p.ppm = ppm;
	snprintf(name, sizeof(name), "%+.0f ppm for an hour", ppm);
	run(name, p, 1);
	ok(got.concealed == 0 && got.most < 40, "the sender's clock by %s",
	    name);
}

static void
uneven(void)
{
	struct path p = easy;

	p.pulse = 100;
	run("pulses of 100 ms", p, 5);
	ok(percent() < .2 && got.most < 160, "messages in pulses of 100 ms");
	run("jitter, mean 30 ms", with(0, 1, 30), 5);
	ok(percent() < 3 && got.mean < 160, "jitter of 30 ms in the mean");
}

static void
stopping(void)
{
	struct path p = easy;

	p.stall_at = 30000;
	p.stall = 2000;
	run("path held for 2 s", p, 1);
	ok(got.end < 40 && got.concealed <= 102, "the path stands for 2 s");
	p = easy;
	p.quiet_at = 30000;
	p.quiet = 2000;
	run("sender stopped for 2 s", p, 1);
	ok(got.end < 40 && got.concealed <= 102, "the sender does");
	p = easy;
	p.stop_at = 30000;
	p.stop = 2000;
	run("receiver stopped for 2 s", p, 1);
	ok(got.end < 40 && got.concealed <= 5, "the receiver does");
	p = easy;
	p.delay = 400;
	p.stall_at = 20000;
	p.stall = 1;
	run("a long path", p, 1);
	ok(got.end < 40, "a long path costs nothing more");
}

/* Play for so many ms; a message comes each slot, `next` first. */
static void
calm(struct playout *p, int64_t *clock, uint32_t *next, int ms)
{
	int16_t pcm[WANT];
	int at;

	for (at = 0; at < ms; at += WANT / MS) {
		if (at % 20 == 0) {
			playout_put(p, *next, 0, (const uint8_t *)next,
			    sizeof(*next), *clock);
			++*next;
		}
		playout_get(p, pcm, WANT, *clock);
		*clock += WANT;
	}
}

/* The loudspeaker's clock is ahead suddenly, by up to 10 s: nothing was wanted, or
 * all of it at once.  Two seconds later all is as before. */
static void
jumping(void)
{
	static struct playout p;
	int16_t pcm[WANT];
	int64_t clock = 0, n, off;
	uint32_t next = 0;
	unsigned long lost;
	int i, bad = 0;

	seed = 5;
	playout_open(&p, decode, NULL);
	for (i = 0; i < 300; i++) {
		calm(&p, &clock, &next, 2000);
		lost = p.count.concealed + p.count.silent;
		calm(&p, &clock, &next, 2000);
		off = clock + (int64_t)p.fifo_n - p.next * SLOT - p.delay;
		bad += p.count.concealed + p.count.silent > lost || off != 0 ||
		       p.delay - p.recent[0] > 20 * MS;
		n = (int64_t)(MS * exp(log(1e4) * chance()));
		if (chance() < .5)
			clock += n;
		else
			for (; n > 0; n -= WANT, clock += WANT)
				playout_get(&p, pcm, WANT, clock);
	}
	ok(bad == 0, "the clock jumps 300 times: %d bad", bad);
}

/* A voice whose numbers begin anew, anywhere, is heard two seconds later, and if
 * they are a little lower, once it has passed the old ones. */
static void
renumbered(void)
{
	static const uint32_t to[] = {0, 5000, 1u << 31, 0xffffff00, 250, 640};
	static struct playout p;
	uint32_t next = 300;
	int64_t clock = 0;
	unsigned long lost;
	unsigned i;

	playout_open(&p, decode, NULL);
	calm(&p, &clock, &next, 4000);
	for (i = 0; i < sizeof(to) / sizeof(*to); i++) {
		next = to[i];
		calm(&p, &clock, &next, to[i] == 250 ? 7000 : 2000);
		lost = p.count.concealed + p.count.silent;
		calm(&p, &clock, &next, 2000);
		ok(p.count.concealed + p.count.silent == lost,
		    "numbers go on with %u", to[i]);
	}
}

/* Slots from anywhere, in any order: nothing may break, and a real voice is heard
 * again after that. */
static void
hostile(void)
{
	static struct playout p;
	static const uint8_t data[SLOTS_BYTES];
	int16_t pcm[2 * SLOT];
	int64_t clock = 0;
	uint32_t slot;
	int i, n;

	seed = 99;
	playout_open(&p, decode, NULL);
	playout_put(&p, 5, 1, data, 4, 0);
	ok(!p.begun, "copies alone do not begin");
	for (i = 0; i < 200000; i++) {
		slot = chance() < .5
		           ? (uint32_t)(chance() * 4294967296.)
		           : (uint32_t)(p.next + chance() * 600 - 300);
		playout_put(&p, slot, (unsigned)(chance() * 40), data,
		    4 + (size_t)(chance() * 1400), clock);
		n = 1 + (int)(chance() * 2 * SLOT);
		if (chance() < .3) {
			playout_get(&p, pcm, (size_t)n, clock);
			clock += n;
		}
		if (chance() < .001)
			clock += (int64_t)(chance() * 1e9);
	}
	ok(p.count.strays > 0 && p.count.anew > 0, "200,000 random slots");
	for (i = 0; i < 500; i++) {
		slot = 0xffffff00 + (uint32_t)i;
		playout_put(&p, slot, 0, (const uint8_t *)&slot, 4, clock);
		playout_get(&p, pcm, SLOT, clock);
		if (i == 300)
			memset(&p.count, 0, sizeof(p.count));
		clock += SLOT;
	}
	ok(p.count.played > 190 && p.count.concealed == 0,
	    "then a voice is heard, across the end of the numbers");
}

int
main(void)
{
	losing();
	drifting(200);
	drifting(-200);
	uneven();
	stopping();
	jumping();
	renumbered();
	hostile();
	return done();
}
