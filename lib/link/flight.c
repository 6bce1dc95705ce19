/* flight: the packets under way: which arrived, which are lost, and when to ask.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "link/flight.h"

enum { NONE, UNDER_WAY, LOST, ARRIVED };

enum {
	LEAST_SIZE = 512,
	BEHIND = 128, /* below the lowest: late news of those is heard */
	REORDERED = 3, /* packets (RFC 9002) */
	REORDERED_MOST = 64,
	SHIFT = 3, /* of the round trip: an eighth */
	REO_LEAST = 1000, /* us */
	LATE = 2000000, /* us: what arrives so late was lost */
	EASE = 10000000, /* us to go one step back */
	ROUND_LEAST = 10000, /* us */
	AVERAGE = 250, /* packets, */
	SUPPOSED = 20, /* of which so many are taken to have come before */
	OUTAGE = 1000000, /* us: what was lost in it says nothing */
	PROBE_MOST = 250000, /* us between probes, if patience is less */
	STEPS = 8 /* of a quarter */
};

int
flight_init(struct flight *f, int64_t now)
{
	*f = (struct flight){.size = LEAST_SIZE,
	    .shift = SHIFT,
	    .weight = SUPPOSED,
	    .reordered = REORDERED,
	    .progress = now,
	    .last_kept = now};
	f->p = calloc(f->size, sizeof(*f->p));
	return f->p ? 0 : -1;
}

void
flight_free(struct flight *f)
{
	free(f->p);
}

static struct flight_packet *
packet(const struct flight *f, uint64_t number)
{
	return &f->p[number & (f->size - 1)];
}

int
flight_room(const struct flight *f)
{
	return f->next - f->low + BEHIND < FLIGHT_MOST;
}

/* Twice the places.  0 or -1. */
static int
grow(struct flight *f)
{
	struct flight more = *f;
	uint64_t i = f->next < f->size ? 0 : f->next - f->size;

	more.size = 2 * f->size;
	more.p = calloc(more.size, sizeof(*more.p));
	if (!more.p)
		return -1;
	for (; i < f->next; i++)
		*packet(&more, i) = *packet(f, i);
	free(f->p);
	*f = more;
	return 0;
}

/* Go on to the lowest that is still under way. */
static void
advance(struct flight *f)
{
	while (f->low < f->next && packet(f, f->low)->state != UNDER_WAY)
		f->low++;
}

int
flight_add(struct flight *f, const struct flight_packet *p)
{
	struct flight_packet *at;

	if (f->next - f->low + BEHIND >= f->size && grow(f) == -1)
		return -1;
	at = packet(f, f->next++);
	*at = *p;
	at->state = p->asks ? UNDER_WAY : ARRIVED;
	/* Those that probes have given up are still waited for. */
	if (p->asks && f->bytes == 0 && f->guesses == 0)
		f->waits_since = p->at;
	if (p->asks)
		f->bytes += p->bytes;
	/* Voice alone does not put off the probe. */
	if (p->nref > 0)
		f->last_kept = p->at;
	advance(f);
	return 0;
}

static void
settle(struct flight *f, const struct flight_packet *p, int there)
{
	int i;

	for (i = 0; i < p->nref; i++)
		f->settle(f->arg, &p->ref[i], there);
}

/* A packet that counted as lost was only late: be slower to think so. */
static void
too_early(struct flight *f, const struct flight_packet *p, int64_t now)
{
	if (p->guessed || p->at <= now - LATE)
		return;
	f->resent_for_nothing++;
	if (f->shift > 0)
		f->shift--;
	f->reordered += 2;
	if (f->reordered > REORDERED_MOST)
		f->reordered = REORDERED_MOST;
	f->eased_at = now;
}

static void
ease(struct flight *f, int64_t now)
{
	if (now <= f->eased_at + EASE)
		return;
	if (f->shift < SHIFT)
		f->shift++;
	if (f->reordered > REORDERED)
		f->reordered--;
	f->eased_at = now;
}

/* The numbers from low to high are told to have come. */
static void
arrived(struct flight *f, uint64_t low, uint64_t high, struct flight_news *news,
    int64_t now)
{
	struct flight_packet *p;
	uint64_t floor = f->low < BEHIND ? 0 : f->low - BEHIND, i;

	for (i = high + 1; i-- > low && i >= floor;) {
		p = packet(f, i);
		if (p->state != UNDER_WAY && p->state != LOST)
			continue;
		if (p->state == LOST) {
			f->guesses -= p->guessed && f->guesses > 0;
			too_early(f, p, now);
		} else {
			f->bytes -= p->bytes;
			news->arrived++;
		}
		news->bytes += p->bytes;
		f->delivered += p->bytes;
		p->state = ARRIVED;
		settle(f, p, 1);
	}
}

/* Packets that went well before one that arrived are lost. */
static void
find_lost(struct flight *f, int64_t least, struct flight_news *news)
{
	int64_t reo = least >> f->shift, high_at = packet(f, f->high)->at;
	struct flight_packet *p;
	uint64_t i;

	if (reo < REO_LEAST)
		reo = REO_LEAST;
	for (i = f->low; i < f->high; i++) {
		p = packet(f, i);
		if (p->state != UNDER_WAY)
			continue;
		/* The later ones went later. */
		if (p->at + reo > high_at && f->high - i < f->reordered)
			break;
		p->state = LOST;
		f->bytes -= p->bytes;
		news->lost++;
		news->lost_at = p->at;
		settle(f, p, 0);
	}
}

/* Where little is sent only probes find what was lost. */
static void
average(struct flight *f, const struct flight_news *news)
{
	uint32_t lost = news->lost + f->guesses, i;

	for (i = 0; i < lost + news->arrived; i++) {
		f->weight += f->weight < AVERAGE;
		f->loss += ((i < lost) - f->loss) / f->weight;
	}
}

int
flight_acked(struct flight *f, const struct block_ack *a, int64_t least,
    struct flight_news *news, int64_t now)
{
	uint32_t back = (uint32_t)f->next - a->newest;
	uint64_t newest = f->next - back, high = newest, low, run;
	const struct flight_packet *p;
	unsigned i;

	*news = (struct flight_news){0};
	if (back == 0 || back > f->next || back > f->size)
		return 0;
	p = packet(f, newest);
	if (p->asks && (p->state == UNDER_WAY || p->state == LOST)) {
		news->rtt = now - p->at - (int64_t)a->age;
		if (news->rtt < 1)
			news->rtt = 1;
		news->oneway = a->oneway;
		news->sent_at = p->at;
		news->idle = p->idle;
	}
	for (i = 0, run = a->run;; run = a->range[i++].run) {
		low = high < run ? 0 : high - run;
		arrived(f, low, high, news, now);
		if (i == a->n || low <= a->range[i].missing)
			break;
		high = low - a->range[i].missing - 1;
	}
	if (news->bytes == 0)
		return 0;
	news->gap =
	    now - (f->progress > f->waits_since ? f->progress : f->waits_since);
	f->progress = now;
	f->probes = 0;
	if (!f->any || newest > f->high)
		f->high = newest;
	f->any = 1;
	ease(f, now);
	find_lost(f, least, news);
	advance(f);
	if (news->gap < OUTAGE)
		average(f, news);
	f->guesses = 0;
	if (newest >= f->round_end && now >= f->round_at + ROUND_LEAST) {
		news->round = 1;
		f->round_end = f->next;
		f->round_at = now;
	}
	return 1;
}

int64_t
flight_probe_at(const struct flight *f, int64_t patience)
{
	int64_t since = f->last_kept, most = PROBE_MOST;
	unsigned i;

	if (f->bytes == 0)
		return INT64_MAX;
	if (f->progress > since)
		since = f->progress;
	if (patience > most)
		most = patience;
	for (i = 1; i < f->probes && i < STEPS; i++)
		patience = patience * 5 / 4;
	return since + (patience < most ? patience : most);
}

void
flight_probe(struct flight *f, int64_t rtt, int64_t now)
{
	struct flight_packet *p;
	uint64_t i;
	int found = 0;

	f->probes++;
	f->last_kept = now;
	for (i = f->low; i < f->next; i++) {
		p = packet(f, i);
		if (p->at + rtt > now)
			break;
		if (p->state != UNDER_WAY)
			continue;
		p->state = LOST;
		p->guessed = 1;
		f->guesses++;
		f->bytes -= p->bytes;
		found |= p->nref > 0;
		settle(f, p, 0);
		if (found && f->probes < 2)
			break;
	}
	advance(f);
}

int
flight_silent(const struct flight *f, int64_t us, int64_t now)
{
	int64_t since = f->progress;

	if (f->bytes == 0)
		return 0;
	if (packet(f, f->low)->at > since)
		since = packet(f, f->low)->at;
	return now > since + us;
}
