/* guests: a relay's clients, from their coming to their going: they wait, meet,
 * and are introduced; then bytes pass between them.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "meet/guests.h"
#include "meet/hall.h"
#include "meet/pair.h"
#include "net/addr.h"

enum {
	JOIN_MS = 10000, /* for a client to say what it wants */
	MEET_MS = 5000, /* for both to say G */
	TURN_MS = 50, /* how exact the times above are */
	SWEEP_MS = 1000, /* and all other times */
	PACE_MS = 10 /* and those of a bound rate */
};

enum state { PROXIED, JOINING, WAITING, MET, JOINED, DEAD };

/* A client, and what it has of the relay. */
struct guest {
	struct client c; /* first, since epoll and pairs point to it */
	enum state state;
	int64_t since; /* ms: when it called */
	struct guest *next, *prev; /* in the list of those that join */
	struct guest *dead; /* the next that is not freed yet */
	struct hall_one place;
	struct quota_one *quota; /* until the pair takes it over, and end too */
	struct end *end;
	struct pair *pair;
	int side;
};

struct guests {
	struct hub_how how;
	int epoll;
	struct quota *quota;
	struct ends *ends;
	struct flow_pool *pool;
	struct hall *hall;
	struct guest *joining, *last_joining; /* the oldest first */
	struct guest *dead;
	struct pair_list meeting, joined, fading;
	struct guests_count count;
	uint64_t budget, paced_at;
	int paused; /* some pair waits for the budget */
	int64_t now, turned, swept;
};

/* Clients that have not joined yet are in a list, the oldest first. */
static void
joining_add(struct guests *all, struct guest *g)
{
	g->next = NULL;
	g->prev = all->last_joining;
	if (g->prev)
		g->prev->next = g;
	else
		all->joining = g;
	all->last_joining = g;
}

static void
joining_take(struct guests *all, struct guest *g)
{
	if (g->prev)
		g->prev->next = g->next;
	else
		all->joining = g->next;
	if (g->next)
		g->next->prev = g->prev;
	else
		all->last_joining = g->prev;
}

static void
forget(struct guests *all, struct pair *p)
{
	pair_free(p, all->ends, all->pool);
	all->count.pairs--;
}

/* Both clients of a pair have gone: its datagrams are forwarded for a while. */
static void
part(struct guests *all, struct pair *p)
{
	pair_take(p->introduced ? &all->joined : &all->meeting, p);
	if (!p->introduced || !p->side[0].end) {
		forget(all, p);
		return;
	}
	pair_add(&all->fading, p);
	p->since = all->now;
}

/* Close a client's connection; the other side's too, if they have met.  It is
 * freed at the end of the turn, since events may still name it. */
static void
drop(struct guests *all, struct guest *g)
{
	struct pair *p = g->pair;
	struct pair_side *own, *other;

	if (g->state == DEAD)
		return;
	if (g->state == PROXIED || g->state == JOINING)
		joining_take(all, g);
	if (g->state == WAITING)
		hall_leave(all->hall, &g->place);
	g->state = DEAD;
	client_end(&g->c);
	all->count.clients--;
	g->dead = all->dead;
	all->dead = g;
	if (!p) {
		ends_close(all->ends, g->end);
		if (g->quota)
			quota_give(g->quota);
		return;
	}
	own = &p->side[g->side];
	other = &p->side[!g->side];
	own->client = NULL;
	if (own->end)
		ends_disown(own->end);
	if (other->client)
		drop(all, (struct guest *)other->client);
	else
		part(all, p);
}

static void
refuse(struct guests *all, struct guest *g, const char *why)
{
	uint8_t unread[MEET_HEAD + MEET_CARD_MAX];

	all->count.refused++;
	client_tell(&g->c, 'X', (const uint8_t *)why, 1);
	/* Where something is left unread close(2) resets the connection, and
	 * the client may not see why. */
	(void)recv(g->c.fd, unread, sizeof(unread), MSG_DONTWAIT);
	drop(all, g);
}

/* Introduce the two, if neither has to register first. */
static void
maybe_introduce(struct guests *all, struct pair *p)
{
	char line[2 * ADDR_TEXT + 80];
	int s;

	if (p->introduced || !pair_due(p, all->now))
		return;
	pair_take(&all->meeting, p);
	pair_introduce(p);
	pair_add(&all->joined, p);
	for (s = 0; s < 2; s++)
		((struct guest *)p->side[s].client)->state = JOINED;
	if (all->how.met) {
		pair_line(p, line, sizeof(line));
		all->how.met(line);
	}
}

/* An address of the client has registered (ends.h). */
static void
registered(void *arg, void *owner)
{
	struct guest *g = owner;

	if (g->pair)
		maybe_introduce(arg, g->pair);
}

static struct pair_side
side_of(struct guest *g)
{
	return (struct pair_side){&g->c, g->end, g->quota};
}

/* A new client meets the one that waits for it: NULL, or why they cannot. */
static const char *
meet(struct guests *all, struct guest *g, struct guest *there)
{
	int late = g->c.join.what == 'l' || g->c.join.what == 'b', s;
	struct guest *both[2] = {late ? there : g, late ? g : there};
	const struct pair_side side[2] = {side_of(both[0]), side_of(both[1])};
	const char *why;
	struct pair *p = pair_new(side, late, all->now, &why);

	if (!p)
		return why;
	joining_take(all, g);
	hall_leave(all->hall, &there->place);
	pair_add(&all->meeting, p);
	all->count.pairs++;
	all->count.met++;
	for (s = 0; s < 2; s++) {
		both[s]->pair = p;
		both[s]->side = s;
		both[s]->state = MET;
		both[s]->end = NULL;
		both[s]->quota = NULL;
	}
	return NULL;
}

/* A new client goes into its room, or meets the one that waits there. */
static void
enter(struct guests *all, struct guest *g)
{
	uint8_t body[MEET_UDP];
	struct hall_one *there;
	const char *why = hall_hindrance(all->hall, &g->c.join, &there);

	if (!why && g->c.join.kind == 'u') {
		g->end = ends_open(all->ends, g->c.card + 2, g);
		if (!g->end)
			why = "b";
	}
	if (!why && there)
		why = meet(all, g, there->owner);
	if (why) {
		refuse(all, g, why);
		return;
	}
	/* A stream has nothing to register. */
	g->c.ready = g->c.join.kind == 't' ? all->now : 0;
	client_watch(&g->c, EPOLLIN | EPOLLRDHUP);
	if (g->c.join.kind == 'u') {
		meet_udp_put(body, &all->how.told);
		client_tell(&g->c, 'M', body, sizeof(body));
	}
	if (g->pair) {
		maybe_introduce(all, g->pair);
		return;
	}
	joining_take(all, g);
	g->state = WAITING;
	g->place.join = &g->c.join;
	g->place.owner = g;
	hall_enter(all->hall, &g->place);
	client_tell(&g->c, 'W', NULL, 0);
}

static void
joined(struct guests *all, struct guest *g)
{
	const struct meet_join *j = &g->c.join;

	if (j->kind == 'u' && j->what != 'q' && j->card < 2 + MEET_TOKEN) {
		refuse(all, g, "v");
	} else if (meet_is_number(j->room) &&
	           quota_try(g->quota, all->now) == -1) {
		refuse(all, g, "l");
	} else if (j->what != 'q') {
		enter(all, g);
	} else if (hall_taken(all->hall, j->room)) {
		refuse(all, g, "f");
	} else {
		client_tell(&g->c, 'W', NULL, 0);
		drop(all, g);
	}
}

/* Count the client as one of that address: 0, or -1 if it has too many. */
static int
admit(struct guests *all, struct guest *g)
{
	g->state = JOINING;
	g->quota = quota_take(all->quota, &g->c.at);
	return g->quota ? 0 : -1;
}

/* Read a client that is not introduced. */
static void
hear(struct guests *all, struct guest *g)
{
	enum client_said said = g->state == PROXIED ? client_proxy(&g->c)
	                        : g->state == JOINING
	                            ? client_join(&g->c)
	                            : client_go(&g->c, all->now);

	if (said == CLIENT_GONE)
		drop(all, g);
	else if (said == CLIENT_VERSION)
		refuse(all, g, "v");
	else if (said == CLIENT_MORE)
		return;
	else if (g->state == JOINING)
		joined(all, g);
	else if (g->state == PROXIED && admit(all, g) == -1)
		refuse(all, g, "l");
}

/* Pass on what one side of a pair has sent.  0, or -1: the pair has ended. */
static int
pass(struct guests *all, struct guest *g, int s)
{
	if (pair_pass(g->pair, s, all->pool, &all->budget, &all->count.bytes,
	        all->now) == -1) {
		drop(all, g);
		return -1;
	}
	all->paused |= g->pair->paused;
	return 0;
}

static void
bytes(struct guests *all, struct guest *g, unsigned events)
{
	if (events & EPOLLOUT && pass(all, g, !g->side) == -1)
		return;
	if (events & (EPOLLIN | EPOLLHUP) && pass(all, g, g->side) == -1)
		return;
	/* Both ways are shut: epoll would say so for ever, while the other side
	 * has not yet read all. */
	if (events & EPOLLHUP && g->pair->flow[g->side].ended)
		(void)epoll_ctl(all->epoll, EPOLL_CTL_DEL, g->c.fd, NULL);
}

void
guests_event(struct guests *all, void *one, unsigned events)
{
	struct guest *g = one;
	unsigned gone = 0;

	if (g->state == DEAD)
		return;
	if (g->state == WAITING || g->state == MET)
		gone = EPOLLHUP | EPOLLERR | EPOLLRDHUP;
	else if (g->state == JOINED)
		gone = EPOLLERR;
	if (events & gone)
		drop(all, g);
	else if (g->state == JOINED && (g->c.ready || !(events & EPOLLIN)))
		bytes(all, g, events);
	else
		hear(all, g);
}

void
guests_take(struct guests *all, int fd, const struct sockaddr_storage *from)
{
	struct guest *g = calloc(1, sizeof(*g));
	int bad;

	if (!g) {
		close(fd);
		return;
	}
	g->since = all->now;
	g->state = PROXIED;
	joining_add(all, g);
	all->count.clients++;
	bad = client_begin(&g->c, fd, from, all->epoll);
	if (all->count.clients > all->how.connections)
		refuse(all, g, "b");
	else if (!all->how.proxied && admit(all, g) == -1)
		refuse(all, g, "l");
	else if (bad)
		drop(all, g);
}

/* Pairs whose reader stands still hold memory of the kernel: of all that they
 * hold over the bound, the oldest are closed. */
static void
bound_stopped(struct guests *all)
{
	struct pair *p, *oldest;
	uint64_t sum = 0, held;

	for (p = all->joined.first; p; p = p->next)
		if (pair_stopped(p, all->now) != INT64_MAX)
			sum += pair_held(p);
	while (sum > all->how.stopped) {
		oldest = all->joined.first;
		for (p = all->joined.first; p; p = p->next)
			if (pair_stopped(p, all->now) <
			    pair_stopped(oldest, all->now))
				oldest = p;
		held = pair_held(oldest);
		sum -= held < sum ? held : sum;
		all->count.refused++;
		drop(all, (struct guest *)oldest->side[0].client);
	}
}

/* Do what is due by time. */
static void
turn(struct guests *all)
{
	struct pair *p, *next;

	all->turned = all->now;
	while (all->joining && all->now - all->joining->since >= JOIN_MS)
		drop(all, all->joining);
	for (p = all->meeting.first; p; p = next) {
		next = p->next;
		maybe_introduce(all, p);
		if (!p->introduced && all->now - p->since >= MEET_MS)
			drop(all, (struct guest *)p->side[0].client);
	}
	if (all->now - all->swept < SWEEP_MS)
		return;
	all->swept = all->now;
	quota_sweep(all->quota, all->now);
	for (p = all->fading.first; p; p = next) {
		next = p->next;
		if (!pair_faded(p, all->now))
			continue;
		pair_take(&all->fading, p);
		forget(all, p);
	}
	bound_stopped(all);
}

/* Bytes that a bound rate has brought since it was asked last; at most those of
 * a quarter of a second. */
static void
pace(struct guests *all)
{
	uint64_t now = (uint64_t)clock_us(), most = all->how.rate / 4, more;
	struct pair *p;

	if (all->how.rate == 0) {
		all->budget = UINT64_MAX;
		return;
	}
	more = (now - all->paced_at) * all->how.rate / 1000000;
	if (now - all->paced_at > 1000000)
		more = most;
	all->paced_at = now;
	all->budget = all->budget + more > most ? most : all->budget + more;
	if (!all->paused || all->budget == 0)
		return;
	all->paused = 0;
	for (p = all->joined.first; p; p = p->next)
		if (p->paused) {
			p->paused = 0;
			pair_watch(p);
		}
}

static void
bury(struct guests *all)
{
	struct guest *g;

	while ((g = all->dead)) {
		all->dead = g->dead;
		free(g);
	}
}

void
guests_datagrams(struct guests *all)
{
	ends_read(all->ends, all->now);
}

void
guests_begin(struct guests *all, int64_t now)
{
	all->now = now;
	pace(all);
}

int
guests_end(struct guests *all)
{
	if (all->now - all->turned >= TURN_MS)
		turn(all);
	bury(all);
	return all->paused ? PACE_MS : all->meeting.first ? TURN_MS : SWEEP_MS;
}

struct guests_count
guests_count(const struct guests *all)
{
	struct guests_count count = all->count;

	count.rooms = hall_count(all->hall);
	return count;
}

const struct ends_count *
guests_ends(const struct guests *all)
{
	return ends_count(all->ends);
}

struct guests *
guests_new(const struct hub_how *how, int epoll)
{
	struct guests *all = calloc(1, sizeof(*all));
	uint64_t key[2];

	if (!all || getrandom(key, sizeof(key), 0) != sizeof(key))
		return NULL;
	all->how = *how;
	all->epoll = epoll;
	all->now = all->turned = all->swept = clock_ms();
	all->paced_at = (uint64_t)clock_us();
	all->quota = quota_new(how->per_address, key);
	all->pool = flow_pool_new();
	all->hall = hall_new(how->rooms, key);
	all->ends = ends_new(how->udp, key, &all->budget, registered, all);
	return all->quota && all->pool && all->hall && all->ends ? all : NULL;
}
