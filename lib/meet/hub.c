/* hub: a relay's rooms: clients that wait, are introduced, and are joined.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/sockios.h>

#include "base/clock.h"
#include "base/fd.h"
#include "meet/ends.h"
#include "meet/flow.h"
#include "meet/hub.h"
#include "meet/mix.h"
#include "meet/place.h"
#include "meet/proxy.h"
#include "meet/quota.h"

enum {
	JOIN_MS = 10000, /* for a client to say what it wants */
	GATE_MS = 250, /* for its UDP to register, after both have said G */
	MEET_MS = 5000, /* for G */
	FADE_MS = 30000, /* without a datagram a pair's UDP is forgotten */
	UNUSED_MS = 10000, /* if there was none at all since both have left */
	STALL_MS = 1000, /* with nothing moved a reader stands still */
	HOUR_MS = 3600000,
	TURN_MS = 50, /* how exact the times above are */
	PACE_MS = 10, /* and those of a bound rate */
	SLOTS = 1 << 15,
	ACCEPTS = 64, /* calls taken before others have their turn */
	EVENTS = 256,
	TURN_BYTES = 4 << 20, /* a flow moves before others have their turn */
	REPLY = 3 + MEET_INTRO
};

_Static_assert((int)MEET_HEAD <= 32 && (int)PROXY_HEAD <= 32, "struct client");

enum state { PROXIED, JOINING, WAITING, MET, JOINED, DEAD };

struct pair;

struct client {
	int fd;
	enum state state;
	unsigned events; /* that epoll watches for */
	int64_t since; /* ms: of its state */
	struct client *next, *prev; /* in the list of those that join */
	struct client *chain; /* in its room's slot, or dead and not freed */
	struct quota_one *quota;
	struct meet_addr at;
	struct meet_join join;
	struct end *end; /* kind u: of its datagrams, until it is a pair's */
	struct pair *pair;
	int side; /* 0 initiator, 1 responder */
	int ready; /* G has come */
	size_t got;
	uint8_t in[32]; /* the head of a JOIN, or of PROXY */
	uint8_t *more; /* its card; before that what follows a PROXY head */
};

struct pair {
	struct pair *next, *prev;
	struct client *client[2]; /* NULL: has gone */
	struct flow flow[2]; /* from that side */
	struct end *end[2];
	struct quota_one *quota[2];
	int64_t since, ready; /* when they met, when the later G came */
	int64_t moved[2]; /* when a flow's bytes last moved, or began to wait */
	int introduced, paused;
};

struct list {
	struct pair *first;
};

struct hub {
	struct hub_how how;
	int epoll;
	uint64_t key[2];
	struct quota *quota;
	struct ends *ends;
	struct flow_pool *pool;
	struct client *slot[SLOTS];
	struct client *joining, *last_joining; /* the oldest first */
	struct client *dead;
	struct list meeting, joined, fading;
	int clients, waiting, pairs;
	uint64_t budget, paced_at;
	int paused; /* some pair waits for the budget */
	uint64_t spliced, refused, met;
	int64_t now, turned, swept, hour;
	int spare; /* a descriptor that is given up to refuse a call */
	struct {
		char tcp, udp, signals;
	} mark; /* what epoll names these by */
};

static void
watch(struct hub *h, struct client *c, unsigned events)
{
	struct epoll_event e = {.events = events, .data.ptr = c};

	if (c->events == events)
		return;
	c->events = events;
	(void)epoll_ctl(h->epoll, EPOLL_CTL_MOD, c->fd, &e);
}

/* One message to a client.  It fits into a buffer that holds nothing else. */
static void
tell(const struct client *c, char type, const uint8_t *body, size_t n)
{
	uint8_t m[REPLY];

	m[0] = (uint8_t)type;
	m[1] = (uint8_t)(n >> 8);
	m[2] = (uint8_t)n;
	if (n)
		memcpy(m + 3, body, n);
	(void)send(c->fd, m, n + 3, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void
list_add(struct list *l, struct pair *p)
{
	p->prev = NULL;
	p->next = l->first;
	if (l->first)
		l->first->prev = p;
	l->first = p;
}

static void
list_take(struct list *l, struct pair *p)
{
	if (p->prev)
		p->prev->next = p->next;
	else
		l->first = p->next;
	if (p->next)
		p->next->prev = p->prev;
}

/* It stands in no list any more. */
static void
pair_free(struct hub *h, struct pair *p)
{
	int s;

	for (s = 0; s < 2; s++) {
		flow_end(&p->flow[s], h->pool);
		ends_close(h->ends, p->end[s]);
		if (p->quota[s]) {
			quota_unpair(p->quota[s]);
			quota_give(p->quota[s]);
		}
	}
	h->pairs--;
	free(p);
}

/* Those that join stand in a list by their age. */
static void
joining_add(struct hub *h, struct client *c)
{
	c->next = NULL;
	c->prev = h->last_joining;
	if (c->prev)
		c->prev->next = c;
	else
		h->joining = c;
	h->last_joining = c;
}

static void
joining_take(struct hub *h, struct client *c)
{
	if (c->prev)
		c->prev->next = c->next;
	else
		h->joining = c->next;
	if (c->next)
		c->next->prev = c->prev;
	else
		h->last_joining = c->prev;
}

static struct client **
room(struct hub *h, char kind, const uint8_t name[static MEET_ROOM])
{
	uint8_t key[1 + MEET_ROOM];

	key[0] = (uint8_t)kind;
	memcpy(key + 1, name, MEET_ROOM);
	return &h->slot[mix(h->key, key, sizeof(key)) % SLOTS];
}

static void
room_take(struct hub *h, struct client *c)
{
	struct client **at = room(h, c->join.kind, c->join.room);

	while (*at != c)
		at = &(*at)->chain;
	*at = c->chain;
	c->chain = NULL;
	h->waiting--;
}

/* The client that waits there in one of those roles. */
static struct client *
room_find(struct hub *h, char kind, const uint8_t name[static MEET_ROOM],
    const char *roles)
{
	struct client *c = *room(h, kind, name);

	for (; c; c = c->chain)
		if (c->join.kind == kind && strchr(roles, c->join.what) &&
		    memcmp(c->join.room, name, MEET_ROOM) == 0)
			return c;
	return NULL;
}

/* The second of a pair has gone; its datagrams may still be forwarded. */
static void
part(struct hub *h, struct pair *p, struct list *was)
{
	list_take(was, p);
	if (!p->introduced || !p->end[0]) {
		pair_free(h, p);
		return;
	}
	list_add(&h->fading, p);
	p->since = h->now;
}

/* Close a client's connection; the other side's too, if they have met.  It is
 * freed at the end of the turn, since events may still name it. */
static void
drop(struct hub *h, struct client *c)
{
	struct pair *p = c->pair;
	struct list *was;

	if (c->state == DEAD)
		return;
	if (c->state == PROXIED || c->state == JOINING)
		joining_take(h, c);
	if (c->state == WAITING)
		room_take(h, c);
	c->state = DEAD;
	close(c->fd);
	free(c->more);
	c->more = NULL;
	h->clients--;
	c->chain = h->dead;
	h->dead = c;
	if (!p) {
		ends_close(h->ends, c->end);
		if (c->quota)
			quota_give(c->quota);
		return;
	}
	was = p->introduced ? &h->joined : &h->meeting;
	p->client[c->side] = NULL;
	if (p->end[c->side])
		ends_disown(p->end[c->side]);
	if (p->client[!c->side])
		drop(h, p->client[!c->side]);
	else
		part(h, p, was);
}

static void
refuse(struct hub *h, struct client *c, const char *why)
{
	uint8_t unread[MEET_HEAD + MEET_CARD_MAX];

	h->refused++;
	tell(c, 'X', (const uint8_t *)why, 1);
	/* Where something is left unread close(2) resets the connection, and
	 * the client may not see why. */
	(void)recv(c->fd, unread, sizeof(unread), MSG_DONTWAIT);
	drop(h, c);
}

/* The addresses of one side that the relay sees. */
static int
seen(const struct pair *p, int s, struct meet_seen out[static MEET_SEEN])
{
	out[0] = (struct meet_seen){'t', p->client[s]->at};
	return 1 + (p->end[s] ? ends_seen(p->end[s], out + 1) : 0);
}

static void
log_met(struct hub *h, const struct pair *p)
{
	char ip[2][ADDR_TEXT], line[2 * ADDR_TEXT + 80];
	struct addr a;
	int s;

	for (s = 0; s < 2; s++) {
		a.len = place_put(&a.ss, &p->client[s]->at, AF_INET6);
		addr_text(ip[s], &a);
	}
	snprintf(line, sizeof(line), "%s port %d meets %s port %d (%s)", ip[0],
	    p->client[0]->at.port, ip[1], p->client[1]->at.port,
	    p->end[0] ? "datagrams" : "stream");
	h->how.met(line);
}

static void
introduce(struct hub *h, struct pair *p)
{
	struct meet_intro m;
	uint8_t body[MEET_INTRO];
	int s;

	list_take(&h->meeting, p);
	p->introduced = 1;
	list_add(&h->joined, p);
	if (p->end[0])
		ends_tie(p->end[0], p->end[1]);
	for (s = 0; s < 2; s++) {
		m.role = s ? 'r' : 'i';
		m.own_n = seen(p, s, m.own);
		m.other_n =
		    p->client[!s]->join.hidden ? 0 : seen(p, !s, m.other);
		m.card = p->client[!s]->more;
		m.card_n = p->client[!s]->join.card;
		tell(p->client[s], 'P', body, meet_intro_put(body, &m));
	}
	for (s = 0; s < 2; s++) {
		p->client[s]->state = JOINED;
		watch(h, p->client[s], EPOLLIN);
	}
	if (h->how.met)
		log_met(h, p);
}

/* Introduce them, if there is nothing more to wait for. */
static void
maybe_introduce(struct hub *h, struct pair *p)
{
	struct meet_seen any[2];
	int both = p->client[0]->ready && p->client[1]->ready;

	if (p->introduced)
		return;
	if ((ends_seen(p->end[0], any) && ends_seen(p->end[1], any)) ||
	    (both && h->now - p->ready >= GATE_MS))
		introduce(h, p);
}

/* An address of the client has registered (ends.h). */
static void
registered(void *arg, void *owner)
{
	struct client *c = owner;

	if (c->pair)
		maybe_introduce(arg, c->pair);
}

/* Make a pair of a client that is in no list with the one that waits for it. */
static void
meet(struct hub *h, struct client *c, struct client *there, struct pair *p)
{
	int late = c->join.what == 'l' || c->join.what == 'b', s;
	struct client *both[2] = {late ? there : c, late ? c : there};

	room_take(h, there);
	list_add(&h->meeting, p);
	h->pairs++;
	h->met++;
	p->since = p->ready = p->moved[0] = p->moved[1] = h->now;
	for (s = 0; s < 2; s++) {
		p->client[s] = both[s];
		p->end[s] = both[s]->end;
		p->quota[s] = both[s]->quota;
		both[s]->pair = p;
		both[s]->side = s;
		both[s]->state = MET;
		both[s]->end = NULL;
		both[s]->quota = NULL;
	}
	if (p->end[0])
		maybe_introduce(h, p);
	else
		introduce(h, p);
}

/* Why a client may not enter its room: NULL if it may; *there is the one that it
 * meets, or NULL. */
static const char *
hindrance(struct hub *h, const struct client *c, struct client **there)
{
	static const char role[] = "lcab", other[] = "clba";
	char own[2] = {c->join.what, 0};
	char want[2] = {other[strchr(role, c->join.what) - role], 0};
	char turned = c->join.kind == 't' ? 'u' : 't';

	*there = room_find(h, c->join.kind, c->join.room, want);
	if (*there)
		return NULL;
	if (room_find(h, c->join.kind, c->join.room, own))
		return "f";
	if (c->join.what != 'l' && room_find(h, turned, c->join.room, want))
		return "k";
	return h->waiting >= h->how.rooms ? "b" : NULL;
}

/* A place in a pair for both.  NULL, and why not. */
static struct pair *
pair_new(struct client *c, struct client *there, const char **why)
{
	struct pair *p = NULL;

	*why = "l";
	if (quota_pair(c->quota) == -1)
		return NULL;
	*why = "b";
	if (quota_pair(there->quota) == 0) {
		p = calloc(1, sizeof(*p));
		if (!p)
			quota_unpair(there->quota);
	}
	if (!p)
		quota_unpair(c->quota);
	return p;
}

static void
wait_there(struct hub *h, struct client *c)
{
	struct client **slot = room(h, c->join.kind, c->join.room);

	c->state = WAITING;
	c->chain = *slot;
	*slot = c;
	h->waiting++;
	tell(c, 'W', NULL, 0);
}

/* A new client goes into its room, or meets the one that waits there. */
static void
enter(struct hub *h, struct client *c)
{
	uint8_t body[MEET_UDP];
	struct pair *p = NULL;
	struct client *there;
	const char *why = hindrance(h, c, &there);

	if (!why && c->join.kind == 'u') {
		c->end = ends_open(h->ends, c->more + 2, c);
		if (!c->end)
			why = "b";
	}
	if (!why && there)
		p = pair_new(c, there, &why);
	if (there ? !p : why != NULL) {
		refuse(h, c, why);
		return;
	}
	joining_take(h, c);
	/* A stream has nothing to register. */
	c->ready = c->join.kind == 't';
	watch(h, c, EPOLLIN | EPOLLRDHUP);
	if (c->join.kind == 'u') {
		meet_udp_put(body, &h->how.told);
		tell(c, 'M', body, sizeof(body));
	}
	if (there)
		meet(h, c, there, p);
	else
		wait_there(h, c);
}

static void
joined(struct hub *h, struct client *c)
{
	if (c->join.kind == 'u' && c->join.what != 'q' &&
	    c->join.card < 2 + MEET_TOKEN) {
		refuse(h, c, "v");
		return;
	}
	if (meet_is_number(c->join.room) && quota_try(c->quota, h->now) == -1) {
		refuse(h, c, "l");
		return;
	}
	if (c->join.what != 'q') {
		enter(h, c);
		return;
	}
	if (room_find(h, 't', c->join.room, "lcab") ||
	    room_find(h, 'u', c->join.room, "lcab")) {
		refuse(h, c, "f");
		return;
	}
	tell(c, 'W', NULL, 0);
	drop(h, c);
}

/* Read until there are n bytes of it: 1 when they are there, 0 if not yet, -1 if
 * they will not come. */
static int
fill(struct client *c, uint8_t *to, size_t n)
{
	ssize_t got;

	while (c->got < n) {
		got = recv(c->fd, to + c->got, n - c->got, MSG_DONTWAIT);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1 && errno == EAGAIN)
			return 0;
		if (got <= 0)
			return -1;
		c->got += (size_t)got;
	}
	return 1;
}

/* Count the client as one of that address: 0, or -1 if it has too many. */
static int
admit(struct hub *h, struct client *c)
{
	c->quota = quota_take(h->quota, &c->at);
	return c->quota ? 0 : -1;
}

static void
read_proxy(struct hub *h, struct client *c)
{
	int n, done;

	if (!c->more) {
		done = fill(c, c->in, PROXY_HEAD);
		if (done == -1 || (done && proxy_head(c->in) == -1)) {
			drop(h, c);
			return;
		}
		if (!done)
			return;
		c->more = malloc(PROXY_HEAD + PROXY_MAX);
		if (!c->more) {
			drop(h, c);
			return;
		}
		memcpy(c->more, c->in, PROXY_HEAD);
	}
	n = proxy_head(c->more);
	done = fill(c, c->more, PROXY_HEAD + (size_t)n);
	if (done == 0)
		return;
	if (done == -1 || proxy_get(&c->at, c->more, (size_t)n) == -1) {
		drop(h, c);
		return;
	}
	free(c->more);
	c->more = NULL;
	c->got = 0;
	c->state = JOINING;
	if (admit(h, c) == -1)
		refuse(h, c, "l");
}

static void
read_join(struct hub *h, struct client *c)
{
	int done, good;

	if (!c->more) {
		done = fill(c, c->in, MEET_HEAD);
		good = meet_join_get(&c->join, c->in, c->got);
		if (done == -1 || good == MEET_OTHER) {
			drop(h, c);
			return;
		}
		if (good == MEET_VERSION) {
			refuse(h, c, "v");
			return;
		}
		if (!done)
			return;
		c->got = 0;
		c->more = malloc(c->join.card ? c->join.card : 1);
		if (!c->more) {
			drop(h, c);
			return;
		}
	}
	done = fill(c, c->more, c->join.card);
	if (done == -1)
		drop(h, c);
	else if (done)
		joined(h, c);
}

/* Read G, which a client says after M; P may be on its way to it. */
static void
read_ready(struct hub *h, struct client *c)
{
	char byte;
	ssize_t n = recv(c->fd, &byte, 1, MSG_DONTWAIT);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != 1 || byte != 'G' || c->ready || c->join.kind != 'u') {
		drop(h, c);
		return;
	}
	c->ready = 1;
	if (c->pair && !c->pair->introduced)
		c->pair->ready = h->now;
}

/* Have epoll watch both sides of a pair for what they can do. */
static void
watch_pair(struct hub *h, struct pair *p)
{
	int s;

	for (s = 0; s < 2; s++)
		watch(h, p->client[s],
		    (p->flow[s].held || p->flow[s].ended || p->paused
		            ? 0
		            : EPOLLIN) |
		        (p->flow[!s].held && !p->paused ? EPOLLOUT : 0));
}

/* Pass on what one side has sent.  0, or -1 when the pair is no more. */
static int
pass(struct hub *h, struct pair *p, int s)
{
	size_t most = h->budget < TURN_BYTES ? (size_t)h->budget : TURN_BYTES;
	size_t moved, held = p->flow[s].held;
	enum flow_state state;

	state = flow_move(&p->flow[s], h->pool, p->client[s]->fd,
	    p->client[!s]->fd, most, &moved);
	h->budget -= moved < h->budget ? moved : h->budget;
	h->spliced += moved;
	if (moved || !held)
		p->moved[s] = h->now;
	if (state == FLOW_LOST || (p->flow[0].closed && p->flow[1].closed)) {
		drop(h, p->client[s]);
		return -1;
	}
	if (h->budget == 0) {
		p->paused = 1;
		h->paused = 1;
	}
	watch_pair(h, p);
	return 0;
}

static void
bytes(struct hub *h, struct client *c, unsigned events)
{
	if (events & EPOLLOUT && pass(h, c->pair, !c->side) == -1)
		return;
	if (events & (EPOLLIN | EPOLLHUP) && pass(h, c->pair, c->side) == -1)
		return;
	/* Both ways are shut: epoll would say so for ever, while the other side
	 * has not yet read all. */
	if (events & EPOLLHUP && c->pair->flow[c->side].ended)
		(void)epoll_ctl(h->epoll, EPOLL_CTL_DEL, c->fd, NULL);
}

static void
event(struct hub *h, struct client *c, unsigned events)
{
	const unsigned gone = EPOLLHUP | EPOLLERR | EPOLLRDHUP;

	switch (c->state) {
	case PROXIED:
		read_proxy(h, c);
		break;
	case JOINING:
		read_join(h, c);
		break;
	case WAITING:
	case MET:
		if (events & gone)
			drop(h, c);
		else
			read_ready(h, c);
		break;
	case JOINED:
		if (events & EPOLLERR)
			drop(h, c);
		else if (!c->ready && events & EPOLLIN)
			read_ready(h, c);
		else
			bytes(h, c, events);
		break;
	case DEAD:
		break;
	}
}

/* No descriptor is left: take the call with the spare one, and end it, or epoll
 * would say for ever that it waits. */
static void
turn_away(struct hub *h)
{
	int fd;

	(void)fd_drop(h->spare);
	fd = accept4(h->how.tcp, NULL, NULL, SOCK_CLOEXEC);
	if (fd != -1)
		close(fd);
	h->spare = dup(h->epoll);
	h->refused++;
}

static void
take(struct hub *h, int fd, const struct sockaddr_storage *from)
{
	struct client *c = calloc(1, sizeof(*c));
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};

	if (!c) {
		close(fd);
		return;
	}
	c->fd = fd;
	c->events = EPOLLIN;
	c->since = h->now;
	c->state = h->how.proxied ? PROXIED : JOINING;
	place_get(&c->at, from);
	joining_add(h, c);
	h->clients++;
	if (h->clients > h->how.connections)
		refuse(h, c, "b");
	else if (!h->how.proxied && admit(h, c) == -1)
		refuse(h, c, "l");
	else if (epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &e) == -1)
		drop(h, c);
}

static void
take_calls(struct hub *h)
{
	struct sockaddr_storage from;
	socklen_t len;
	int fd, i;

	for (i = 0; i < ACCEPTS; i++) {
		len = sizeof(from);
		fd = accept4(h->how.tcp, (struct sockaddr *)&from, &len,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd != -1) {
			take(h, fd, &from);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE)
			turn_away(h);
		else if (errno != ECONNABORTED && errno != EINTR)
			return;
	}
}

/* Bytes that the kernel holds for a pair. */
static uint64_t
held(const struct pair *p)
{
	uint64_t n = p->flow[0].held + p->flow[1].held;
	int s, some;

	for (s = 0; s < 2; s++) {
		some = 0;
		if (ioctl(p->client[s]->fd, FIONREAD, &some) == 0)
			n += (uint64_t)some;
		if (ioctl(p->client[s]->fd, SIOCOUTQ, &some) == 0)
			n += (uint64_t)some;
	}
	return n;
}

/* Since when a flow of it stands still, if one does: else INT64_MAX. */
static int64_t
stopped(const struct hub *h, const struct pair *p)
{
	int64_t since = INT64_MAX;
	int s;

	for (s = 0; s < 2; s++)
		if (p->flow[s].held && h->now - p->moved[s] >= STALL_MS &&
		    p->moved[s] < since)
			since = p->moved[s];
	return since;
}

/* Pairs whose reader stands still hold memory of the kernel: of all that they
 * hold over the bound, the oldest are closed. */
static void
bound_stopped(struct hub *h)
{
	struct pair *p, *oldest;
	uint64_t sum = 0;

	for (p = h->joined.first; p; p = p->next)
		if (stopped(h, p) != INT64_MAX)
			sum += held(p);
	while (sum > h->how.stopped) {
		oldest = h->joined.first;
		for (p = h->joined.first; p; p = p->next)
			if (stopped(h, p) < stopped(h, oldest))
				oldest = p;
		sum -= held(oldest) < sum ? held(oldest) : sum;
		h->refused++;
		drop(h, oldest->client[0]);
	}
}

static void
tell_hour(struct hub *h)
{
	const struct ends_count *u = ends_count(h->ends);
	char line[300];

	snprintf(line, sizeof(line),
	    "connections %d, rooms %d, pairs %d, met %" PRIu64 ", MB %" PRIu64
	    ", datagrams %" PRIu64 ", dropped %" PRIu64 ", refused %" PRIu64
	    ", false tokens %" PRIu64,
	    h->clients, h->waiting, h->pairs, h->met,
	    (h->spliced + u->bytes) / 1000000, u->forwarded, u->dropped,
	    h->refused, u->false_tokens);
	h->how.hourly(line);
}

/* See to deadlines. */
static void
turn(struct hub *h)
{
	struct pair *p, *next;

	h->turned = h->now;
	while (h->joining && h->now - h->joining->since >= JOIN_MS)
		drop(h, h->joining);
	for (p = h->meeting.first; p; p = next) {
		next = p->next;
		if (p->client[0]->ready && p->client[1]->ready)
			maybe_introduce(h, p);
		else if (h->now - p->since >= MEET_MS)
			drop(h, p->client[0]);
	}
	if (h->now - h->swept < 1000)
		return;
	h->swept = h->now;
	quota_sweep(h->quota, h->now);
	for (p = h->fading.first; p; p = next) {
		int64_t last = p->since;

		next = p->next;
		if (ends_last(p->end[0]) > last)
			last = ends_last(p->end[0]);
		if (ends_last(p->end[1]) > last)
			last = ends_last(p->end[1]);
		if (h->now - last >= (last > p->since ? FADE_MS : UNUSED_MS)) {
			list_take(&h->fading, p);
			pair_free(h, p);
		}
	}
	bound_stopped(h);
	if (h->now - h->hour >= HOUR_MS) {
		h->hour = h->now;
		tell_hour(h);
	}
}

/* Bytes that a bound rate has brought since it was asked last; at most those of
 * a quarter of a second. */
static void
pace(struct hub *h)
{
	uint64_t now = (uint64_t)clock_us(), most = h->how.rate / 4, more;
	struct pair *p, *next;

	if (h->how.rate == 0) {
		h->budget = UINT64_MAX;
		return;
	}
	more = (now - h->paced_at) * h->how.rate / 1000000;
	if (now - h->paced_at > 1000000)
		more = most;
	h->paced_at = now;
	h->budget = h->budget + more > most ? most : h->budget + more;
	if (!h->paused || h->budget == 0)
		return;
	h->paused = 0;
	for (p = h->joined.first; p; p = next) {
		next = p->next;
		if (!p->paused)
			continue;
		p->paused = 0;
		watch_pair(h, p);
	}
}

/* The signal that ends it, or 0. */
static int
read_signal(struct hub *h)
{
	struct signalfd_siginfo info;

	if (read(h->how.signals, &info, sizeof(info)) != sizeof(info))
		return 0;
	if (info.ssi_signo != SIGUSR1)
		return (int)info.ssi_signo;
	tell_hour(h);
	return 0;
}

static void
bury(struct hub *h)
{
	struct client *c;

	while ((c = h->dead)) {
		h->dead = c->chain;
		free(c);
	}
}

int
hub_serve(struct hub *h, struct fault *f)
{
	struct epoll_event ev[EVENTS];
	int n, i, sig;

	for (;;) {
		n = epoll_wait(h->epoll, ev, EVENTS,
		    h->paused          ? PACE_MS
		    : h->meeting.first ? TURN_MS
		                       : 1000);
		if (n == -1 && errno != EINTR)
			return fault_sys(f, X_SYS, "cannot wait");
		h->now = clock_ms();
		pace(h);
		for (i = 0; i < n; i++) {
			void *who = ev[i].data.ptr;

			if (who == &h->mark.tcp)
				take_calls(h);
			else if (who == &h->mark.udp)
				ends_read(h->ends, h->now);
			else if (who != &h->mark.signals)
				event(h, who, ev[i].events);
			else if ((sig = read_signal(h)) != 0)
				return sig;
		}
		if (h->now - h->turned >= TURN_MS)
			turn(h);
		bury(h);
	}
}

static int
watch_for(struct hub *h, int fd, void *who)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = who};

	return epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &e);
}

/* As this socket is, those are that it accepts. */
static void
tune(int fd)
{
	(void)fd_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	(void)fd_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
	(void)fd_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 15);
	(void)fd_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
	(void)fd_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
}

struct hub *
hub_new(const struct hub_how *how, struct fault *f)
{
	struct hub *h = calloc(1, sizeof(*h));

	if (!h || getrandom(h->key, sizeof(h->key), 0) != sizeof(h->key)) {
		fault_sys(f, X_SYS, "cannot begin");
		free(h);
		return NULL;
	}
	tune(how->tcp);
	h->how = *how;
	h->now = h->turned = h->swept = h->hour = clock_ms();
	h->paced_at = (uint64_t)clock_us();
	h->epoll = fd_high(epoll_create1(EPOLL_CLOEXEC));
	h->spare = h->epoll == -1 ? -1 : dup(h->epoll);
	h->quota = quota_new(how->per_address, h->key);
	h->pool = flow_pool_new();
	h->ends = ends_new(how->udp, h->key, &h->budget, registered, h);
	if (h->spare == -1 || !h->quota || !h->pool || !h->ends ||
	    watch_for(h, how->tcp, &h->mark.tcp) == -1 ||
	    watch_for(h, how->udp, &h->mark.udp) == -1 ||
	    watch_for(h, how->signals, &h->mark.signals) == -1) {
		fault_sys(f, X_SYS, "cannot begin");
		hub_free(h);
		return NULL;
	}
	return h;
}

void
hub_free(struct hub *h)
{
	struct client *c, *next;
	struct pair *p;
	int i;

	while (h->joining)
		drop(h, h->joining);
	while (h->meeting.first)
		drop(h, h->meeting.first->client[0]);
	while (h->joined.first)
		drop(h, h->joined.first->client[0]);
	for (i = 0; i < SLOTS; i++)
		for (c = h->slot[i]; c; c = next) {
			next = c->chain;
			drop(h, c);
		}
	while ((p = h->fading.first)) {
		list_take(&h->fading, p);
		pair_free(h, p);
	}
	bury(h);
	quota_free(h->quota);
	flow_pool_free(h->pool);
	free(h->ends);
	(void)fd_drop(h->spare);
	(void)fd_drop(h->epoll);
	free(h);
}
