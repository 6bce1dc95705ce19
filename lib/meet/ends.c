/* ends: the relay's UDP: addresses that have proved themselves, and what is
 * forwarded between two of them.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "meet/ends.h"
#include "meet/mix.h"
#include "meet/place.h"

enum {
	SLOTS = 1 << 15,
	BATCH = 64, /* datagrams a system call */
	TURNS = 8, /* batches before TCP has its turn */
	LONGEST = 2048, /* bytes; longer ones are cut, and so dropped */
	BUFFERS = 4 << 20
};

/* One address that has registered. */
struct spot {
	struct spot *next; /* in its slot */
	struct end *end; /* NULL: free */
	struct meet_addr at;
	uint8_t cookie[MEET_NONCE];
	int proven;
	struct in6_pktinfo here; /* the relay's own address that it called */
};

struct end {
	struct end *next; /* in its slot */
	struct end *other;
	void *owner;
	int tied; /* introduced: takes no more addresses */
	uint8_t token[MEET_TOKEN];
	struct spot spot[2]; /* IPv4, IPv6 */
	int used; /* index of the one it sent from last */
	int64_t last;
};

/* A datagram, and what recvmmsg(2) and sendmmsg(2) need for it. */
struct slot {
	uint8_t data[LONGEST];
	struct sockaddr_storage from;
	_Alignas(struct cmsghdr) uint8_t control[128];
	struct iovec v;
};

struct ends {
	int fd, family;
	uint64_t key[2], *budget;
	void (*registered)(void *arg, void *owner);
	void *arg;
	struct ends_count count;
	struct end *by_token[SLOTS];
	struct spot *by_place[SLOTS];
	struct slot in[BATCH];
	struct sockaddr_storage to[BATCH];
	_Alignas(struct cmsghdr) uint8_t out_control[BATCH][64];
	struct mmsghdr get[BATCH], put[BATCH];
	int puts;
};

struct ends *
ends_new(int fd, const uint64_t key[static 2], uint64_t *budget,
    void (*registered)(void *arg, void *owner), void *arg)
{
	struct ends *all = calloc(1, sizeof(*all));
	struct addr at;
	int size = BUFFERS;

	if (!all || addr_local(&at, fd) == -1) {
		free(all);
		return NULL;
	}
	all->fd = fd;
	all->family = at.ss.ss_family;
	all->budget = budget;
	all->registered = registered;
	all->arg = arg;
	memcpy(all->key, key, sizeof(all->key));
	(void)fd_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
	(void)fd_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return all;
}

static struct end **
token_slot(struct ends *all, const uint8_t token[static MEET_TOKEN])
{
	struct end **at =
	    &all->by_token[mix(all->key, token, MEET_TOKEN) % SLOTS];

	while (*at && memcmp((*at)->token, token, MEET_TOKEN) != 0)
		at = &(*at)->next;
	return at;
}

static struct spot **
place_slot(struct ends *all, const struct meet_addr *a)
{
	uint8_t flat[MEET_ADDR];
	struct spot **at;

	memcpy(flat, a->ip, 16);
	flat[16] = (uint8_t)(a->port >> 8);
	flat[17] = (uint8_t)a->port;
	at = &all->by_place[mix(all->key, flat, sizeof(flat)) % SLOTS];
	while (*at && !meet_same(&(*at)->at, a))
		at = &(*at)->next;
	return at;
}

static void
forget_spot(struct ends *all, struct spot *s)
{
	if (!s->end)
		return;
	*place_slot(all, &s->at) = s->next;
	memset(s, 0, sizeof(*s));
}

struct end *
ends_open(struct ends *all, const uint8_t token[static MEET_TOKEN], void *owner)
{
	struct end **slot = token_slot(all, token), *e;

	if (*slot)
		return NULL;
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	memcpy(e->token, token, MEET_TOKEN);
	e->owner = owner;
	*slot = e;
	return e;
}

void
ends_close(struct ends *all, struct end *e)
{
	if (!e)
		return;
	forget_spot(all, &e->spot[0]);
	forget_spot(all, &e->spot[1]);
	if (e->other)
		e->other->other = NULL;
	*token_slot(all, e->token) = e->next;
	free(e);
}

void
ends_tie(struct end *a, struct end *b)
{
	a->other = b;
	b->other = a;
	a->tied = b->tied = 1;
}

void
ends_disown(struct end *e)
{
	e->owner = NULL;
}

int
ends_seen(const struct end *e, struct meet_seen *out)
{
	int n = 0, i;

	for (i = 0; i < 2; i++)
		if (e->spot[i].end)
			out[n++] = (struct meet_seen){'u', e->spot[i].at};
	return n;
}

int64_t
ends_last(const struct end *e)
{
	return e->last;
}

const struct ends_count *
ends_count(const struct ends *all)
{
	return &all->count;
}

/* The relay's address that a datagram was sent to. */
static void
here(struct in6_pktinfo *out, struct msghdr *m)
{
	struct in_pktinfo four;
	struct cmsghdr *c;

	memset(out, 0, sizeof(*out));
	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_PKTINFO) {
			memcpy(out, CMSG_DATA(c), sizeof(*out));
		} else if (c->cmsg_level == IPPROTO_IP &&
		           c->cmsg_type == IP_PKTINFO) {
			memcpy(&four, CMSG_DATA(c), sizeof(four));
			memset(out, 0, sizeof(*out));
			out->ipi6_addr.s6_addr[10] = 0xff;
			out->ipi6_addr.s6_addr[11] = 0xff;
			memcpy(&out->ipi6_addr.s6_addr[12], &four.ipi_addr, 4);
		}
	}
	/* The route chooses the interface, except for link-local addresses. */
	if (!IN6_IS_ADDR_LINKLOCAL(&out->ipi6_addr))
		out->ipi6_ifindex = 0;
}

/* Have the kernel send m from that address. */
static void
set_source(struct ends *all, struct msghdr *m, const struct in6_pktinfo *from)
{
	struct cmsghdr *c = m->msg_control;
	struct in_pktinfo four = {0};

	if (all->family == AF_INET) {
		memcpy(&four.ipi_spec_dst, &from->ipi6_addr.s6_addr[12], 4);
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(four));
		memcpy(CMSG_DATA(c), &four, sizeof(four));
		m->msg_controllen = CMSG_SPACE(sizeof(four));
		return;
	}
	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(*from));
	memcpy(CMSG_DATA(c), from, sizeof(*from));
	m->msg_controllen = CMSG_SPACE(sizeof(*from));
}

/* Put the n bytes of s->data into the next batch. */
static void
post(struct ends *all, const struct spot *to, struct slot *s, size_t n)
{
	int i = all->puts++;
	struct msghdr *m = &all->put[i].msg_hdr;

	s->v = (struct iovec){.iov_base = s->data, .iov_len = n};
	*m = (struct msghdr){.msg_iov = &s->v,
	    .msg_iovlen = 1,
	    .msg_name = &all->to[i],
	    .msg_control = all->out_control[i]};
	m->msg_namelen = place_put(&all->to[i], &to->at, all->family);
	set_source(all, m, &to->here);
}

static void
flush(struct ends *all)
{
	int done = 0, n;

	while (done < all->puts) {
		n = sendmmsg(all->fd, all->put + done,
		    (unsigned)(all->puts - done), MSG_DONTWAIT);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN) {
			all->count.dropped += (uint64_t)(all->puts - done);
			break;
		}
		/* The first could not be sent: pass over it. */
		if (n <= 0)
			all->count.dropped++;
		done += n > 0 ? n : 1;
	}
	all->puts = 0;
}

/* Give e that address, if it takes one.  NULL if not. */
static struct spot *
settle(struct ends *all, struct end *e, const struct meet_addr *at)
{
	struct spot *s = &e->spot[!meet_is_v4(at)];

	if (e->tied || *place_slot(all, at))
		return NULL;
	forget_spot(all, s);
	s->at = *at;
	s->end = e;
	s->next = NULL;
	if (getrandom(s->cookie, sizeof(s->cookie), GRND_NONBLOCK) !=
	    sizeof(s->cookie)) {
		memset(s, 0, sizeof(*s));
		return NULL;
	}
	*place_slot(all, at) = s;
	return s;
}

/* Answer a registration whose token is right; one that brings the cookie proves
 * its address. */
static void
enrol(struct ends *all, struct slot *in, const struct meet_probe *r,
    const struct meet_addr *from, struct spot *s, const struct in6_pktinfo *at)
{
	struct end *e = *token_slot(all, r->token);

	if (!e || (s && s->end != e)) {
		all->count.false_tokens++;
		return;
	}
	if (s) {
		if (memcmp(s->cookie, r->nonce, MEET_NONCE) == 0) {
			s->proven = 1;
			e->used = s == &e->spot[1];
		}
	} else {
		s = settle(all, e, from);
		if (!s)
			return;
	}
	s->here = *at;
	meet_proof_put(in->data, from, s->cookie);
	post(all, s, in, MEET_PROBE);
	if (e->owner)
		all->registered(all->arg, e->owner);
}

/* Forward a datagram of a proven address to the other side. */
static void
forward(
    struct ends *all, struct slot *in, size_t n, struct spot *s, int64_t now)
{
	struct end *e = s ? s->end : NULL;
	const struct spot *to;

	if (!e || !s->proven || !e->other) {
		all->count.dropped++;
		return;
	}
	e->last = now;
	e->used = s == &e->spot[1];
	to = &e->other->spot[e->other->used];
	if (!to->proven || *all->budget < n) {
		all->count.dropped++;
		return;
	}
	*all->budget -= n;
	all->count.forwarded++;
	all->count.bytes += n;
	post(all, to, in, n);
}

static void
one(struct ends *all, struct slot *in, struct mmsghdr *m, int64_t now)
{
	struct in6_pktinfo at;
	struct meet_addr from;
	struct meet_probe r;
	struct spot *s;

	if (m->msg_hdr.msg_flags & MSG_TRUNC) {
		all->count.dropped++;
		return;
	}
	place_get(&from, &in->from);
	s = *place_slot(all, &from);
	if (meet_probe_get(&r, in->data, m->msg_len) == 0 && r.type == 'R') {
		here(&at, &m->msg_hdr);
		enrol(all, in, &r, &from, s, &at);
		return;
	}
	forward(all, in, m->msg_len, s, now);
}

void
ends_read(struct ends *all, int64_t now)
{
	int turn, n, i;

	for (turn = 0; turn < TURNS; turn++) {
		for (i = 0; i < BATCH; i++) {
			all->in[i].v = (struct iovec){
			    .iov_base = all->in[i].data, .iov_len = LONGEST};
			all->get[i].msg_hdr =
			    (struct msghdr){.msg_name = &all->in[i].from,
			        .msg_namelen = sizeof(all->in[i].from),
			        .msg_iov = &all->in[i].v,
			        .msg_iovlen = 1,
			        .msg_control = all->in[i].control,
			        .msg_controllen = sizeof(all->in[i].control)};
		}
		n = recvmmsg(all->fd, all->get, BATCH, MSG_DONTWAIT, NULL);
		if (n <= 0)
			return;
		for (i = 0; i < n; i++)
			one(all, &all->in[i], &all->get[i], now);
		flush(all);
		if (n < BATCH)
			return;
	}
}
