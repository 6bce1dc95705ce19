/* pair: two clients of a relay that have met: their introduction, and the bytes
 * between them.
 * SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#include <linux/sockios.h>

#include "meet/pair.h"
#include "meet/place.h"

enum {
	GATE_MS = 250, /* for a side's UDP to register, after its G */
	FADE_MS = 30000, /* without a datagram their UDP is forgotten */
	UNUSED_MS = 10000, /* if there was none at all since both have left */
	STALL_MS = 1000, /* with nothing moved a reader stands still */
	TURN_BYTES = 4 << 20 /* a flow moves before others have their turn */
};

void
pair_add(struct pair_list *l, struct pair *p)
{
	p->prev = NULL;
	p->next = l->first;
	if (l->first)
		l->first->prev = p;
	l->first = p;
}

void
pair_take(struct pair_list *l, struct pair *p)
{
	if (p->prev)
		p->prev->next = p->next;
	else
		l->first = p->next;
	if (p->next)
		p->next->prev = p->prev;
}

struct pair *
pair_new(const struct pair_side side[static 2], int late, int64_t now,
    const char **why)
{
	struct pair *p = NULL;

	*why = "l";
	if (quota_pair(side[late].quota) == -1)
		return NULL;
	*why = "b";
	if (quota_pair(side[!late].quota) == 0) {
		p = calloc(1, sizeof(*p));
		if (!p)
			quota_unpair(side[!late].quota);
	}
	if (!p) {
		quota_unpair(side[late].quota);
		return NULL;
	}
	p->side[0] = side[0];
	p->side[1] = side[1];
	p->since = p->moved[0] = p->moved[1] = now;
	return p;
}

void
pair_free(struct pair *p, struct ends *ends, struct flow_pool *pool)
{
	int s;

	for (s = 0; s < 2; s++) {
		flow_end(&p->flow[s], pool);
		ends_close(ends, p->side[s].end);
		quota_unpair(p->side[s].quota);
		quota_give(p->side[s].quota);
	}
	free(p);
}

/* Has its address been seen, or is the time for that over? */
static int
settled(const struct pair_side *s, int64_t now)
{
	struct meet_seen any[2];

	return !s->end || ends_seen(s->end, any) ||
	       (s->client->ready && now - s->client->ready >= GATE_MS);
}

int
pair_due(const struct pair *p, int64_t now)
{
	return settled(&p->side[0], now) && settled(&p->side[1], now);
}

/* The addresses of one side that the relay sees. */
static int
seen(const struct pair_side *s, struct meet_seen out[static MEET_SEEN])
{
	out[0] = (struct meet_seen){'t', s->client->at};
	return 1 + (s->end ? ends_seen(s->end, out + 1) : 0);
}

void
pair_introduce(struct pair *p)
{
	const struct pair_side *own, *other;
	uint8_t body[MEET_INTRO];
	struct meet_intro m;
	int s;

	if (p->side[0].end)
		ends_tie(p->side[0].end, p->side[1].end);
	for (s = 0; s < 2; s++) {
		own = &p->side[s];
		other = &p->side[!s];
		m.role = s ? 'r' : 'i';
		m.own_n = seen(own, m.own);
		m.other_n =
		    other->client->join.hidden ? 0 : seen(other, m.other);
		m.card = other->client->card;
		m.card_n = other->client->join.card;
		client_tell(own->client, 'P', body, meet_intro_put(body, &m));
		client_watch(own->client, EPOLLIN);
	}
	p->introduced = 1;
}

void
pair_line(const struct pair *p, char *out, size_t cap)
{
	char ip[2][ADDR_TEXT];
	struct addr a;
	int s;

	for (s = 0; s < 2; s++) {
		a.len = place_put(&a.ss, &p->side[s].client->at, AF_INET6);
		addr_text(ip[s], &a);
	}
	snprintf(out, cap, "%s port %d meets %s port %d (%s)", ip[0],
	    p->side[0].client->at.port, ip[1], p->side[1].client->at.port,
	    p->side[0].end ? "datagrams" : "stream");
}

void
pair_watch(struct pair *p)
{
	int s;

	for (s = 0; s < 2; s++)
		client_watch(p->side[s].client,
		    (p->flow[s].held || p->flow[s].ended || p->paused
		            ? 0
		            : EPOLLIN) |
		        (p->flow[!s].held && !p->paused ? EPOLLOUT : 0));
}

int
pair_pass(struct pair *p, int s, struct flow_pool *pool, uint64_t *budget,
    uint64_t *moved, int64_t now)
{
	size_t most = *budget < TURN_BYTES ? (size_t)*budget : TURN_BYTES;
	size_t n, held = p->flow[s].held;
	enum flow_state state;

	state = flow_move(&p->flow[s], pool, p->side[s].client->fd,
	    p->side[!s].client->fd, most, &n);
	*budget -= n < *budget ? n : *budget;
	*moved += n;
	if (n || !held)
		p->moved[s] = now;
	if (state == FLOW_LOST || (p->flow[0].closed && p->flow[1].closed))
		return -1;
	if (*budget == 0)
		p->paused = 1;
	pair_watch(p);
	return 0;
}

int64_t
pair_stopped(const struct pair *p, int64_t now)
{
	int64_t since = INT64_MAX;
	int s;

	for (s = 0; s < 2; s++)
		if (p->flow[s].held && now - p->moved[s] >= STALL_MS &&
		    p->moved[s] < since)
			since = p->moved[s];
	return since;
}

uint64_t
pair_held(const struct pair *p)
{
	uint64_t n = p->flow[0].held + p->flow[1].held;
	int s, some;

	for (s = 0; s < 2; s++) {
		some = 0;
		if (ioctl(p->side[s].client->fd, FIONREAD, &some) == 0)
			n += (uint64_t)some;
		if (ioctl(p->side[s].client->fd, SIOCOUTQ, &some) == 0)
			n += (uint64_t)some;
	}
	return n;
}

int
pair_faded(const struct pair *p, int64_t now)
{
	int64_t last = p->since;
	int s;

	for (s = 0; s < 2; s++)
		if (ends_last(p->side[s].end) > last)
			last = ends_last(p->side[s].end);
	return now - last >= (last > p->since ? FADE_MS : UNUSED_MS);
}
