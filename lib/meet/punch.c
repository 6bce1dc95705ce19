/* punch: from the introduction to a path between the two.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "meet/streams.h"
#include "meet/place.h"
#include "meet/probes.h"
#include "meet/punch.h"
#include "net/sock.h"

enum {
	LIMIT_MS = 5000,
	STEP_MS = 5, /* at most, between two looks at all */
	SECOND_MS = 150, /* until the responder calls, too */
	FAR_US = 30000, /* to the relay and back: P reaches both within less */
	LEFT_MS = 1500 /* for a path, when the relay's connection is closed */
};

struct state {
	struct seat *s;
	const struct seat_how *how;
	int initiator;
	uint8_t token[MEET_TOKEN]; /* theirs */
	/* us; but for start since start, -1: not yet */
	int64_t start, ready, rtt, left;
	int datagrams; /* of kind u */
	int far; /* from the relay: calls by TCP will cross on their way */
	int full; /* whole probes may go to observed IPv4 addresses */
	int tried, six; /* addresses told that are tried; IPv6 among them */
	int udp; /* the relay has seen datagrams of both */
	int hub; /* it may forward them, too */
	int likely; /* of a stream: both routers keep ports */
	struct probes probes;
	struct streams streams;
	/* The relay's connection; the nonce of the one probe on it, and when
	 * that was sent, us.  Its answer gives rtt. */
	struct line pipe;
	uint8_t nonce[MEET_NONCE];
	int64_t asked;
	struct punched *out;
	int over; /* out is filled */
};

static int64_t
since(const struct state *t)
{
	return clock_us() - t->start;
}

/* us from start to the first answer by a direct path; -1: not yet. */
static int64_t
first(const struct state *t)
{
	int64_t at = t->datagrams ? t->probes.first : t->streams.first;

	return at ? at - t->start : -1;
}

static void
add(struct state *t, const struct addr *at, enum path path)
{
	if (path == PATH_NONE ||
	    (t->how->family != AF_UNSPEC && t->how->family != at->ss.ss_family))
		return;
	t->tried++;
	t->six |= path == PATH_SIX;
	if (t->datagrams)
		(void)probes_add(&t->probes, at, path);
	else
		streams_add(&t->streams, at, path);
}

/* Try an address that the other side has told or (seen) the relay has. */
static void
add_told(struct state *t, const struct meet_addr *a, int seen)
{
	struct addr at;

	at.len = place_put(&at.ss, a, meet_is_v4(a) ? AF_INET : AF_INET6);
	add(t, &at, paths_of(a, t->s->own, t->s->own_n, seen));
}

/* The path is chosen: hand over fd. */
static void
choose(struct state *t, int fd, enum path path, int64_t rtt)
{
	t->out->fd = fd;
	t->out->path = path;
	t->out->rtt = rtt;
	t->out->punched = path == PATH_FOUR && t->datagrams;
	t->over = 1;
}

static void
choose_way(struct state *t, const struct probes_way *w)
{
	choose(t, probes_connect(&t->probes, w), w->path, w->rtt);
}

static void
choose_line(struct state *t, struct streams_line *l)
{
	choose(t, l->l.fd, l->path, l->rtt);
	l->l.fd = -1;
}

static void
choose_pipe(struct state *t)
{
	choose(t, t->pipe.fd, PATH_PIPE, t->rtt < 0 ? 0 : t->rtt);
	t->out->pump = t->datagrams;
}

/* Handle a message of the other side by the relay's connection.  -1: broken. */
static int
hear_pipe(struct state *t, const struct meet_probe *m)
{
	const struct probes_way *w;

	switch (m->type) {
	case 'H':
		if (t->ready != -1)
			return 0;
		t->ready = since(t);
		streams_again(&t->streams);
		if (!t->initiator)
			return 0;
		if (getrandom(t->nonce, MEET_NONCE, 0) != MEET_NONCE)
			return -1;
		t->asked = clock_us();
		return streams_say(&t->pipe, 'p', t->token, t->nonce);
	case 'p':
		if (t->initiator)
			return 0;
		memcpy(t->nonce, m->nonce, MEET_NONCE);
		t->asked = clock_us();
		return streams_say(&t->pipe, 'a', t->token, m->nonce);
	case 'a':
		if (t->initiator && t->asked &&
		    memcmp(m->nonce, t->nonce, MEET_NONCE) == 0)
			t->rtt = clock_us() - t->asked;
		return 0;
	case 'U':
		if (t->initiator)
			return 0;
		if (t->asked && memcmp(m->nonce, t->nonce, MEET_NONCE) == 0)
			choose_pipe(t);
		else if ((w = probes_chosen(&t->probes, m->nonce)))
			choose_way(t, w);
		return 0;
	}
	return 0;
}

static void
read_pipe(struct state *t)
{
	struct meet_probe m;
	int r;

	while (t->pipe.fd != -1 && !t->over) {
		r = streams_hear(&t->pipe, t->s->card.token, &m);
		if (r == 0)
			return;
		if (r == 1 && hear_pipe(t, &m) == 0)
			continue;
		/* The other side may have chosen a path, by which U comes. */
		t->pipe.fd = t->s->hub = fd_drop(t->s->hub);
		t->left = since(t);
	}
}

/* May whole packets go to observed IPv4 addresses?  Calls by TCP that cross on
 * their way do.  Where they would not, the initiator alone calls, and the other
 * side's first call, which has opened its router, is there to answer: routers
 * that watch sequence numbers accept only that answer. */
static int
whole(const struct state *t)
{
	if (t->far)
		return 1;
	if (t->datagrams || t->initiator)
		return t->full;
	return t->ready != -1 && since(t) >= t->ready + SECOND_MS * 1000;
}

/* The initiator chooses, when it is time to. */
static void
decide(struct state *t)
{
	const struct probes_way *w = probes_best(&t->probes);
	struct streams_line *l = streams_best(&t->streams, t->rtt);
	struct paths_state p = {.now = since(t),
	    .ready = t->ready,
	    .pipe = t->rtt,
	    .best = PATH_NONE,
	    .first = first(t),
	    .tried = t->tried,
	    .six = t->six,
	    .datagrams = t->datagrams,
	    .udp = t->udp,
	    .hub = t->hub,
	    .likely = t->likely};

	if (l || w) {
		p.best = l ? l->path : w->path;
		p.rtt = l ? l->rtt : w->rtt;
	} else if (t->rtt != -1 && t->pipe.fd != -1) {
		p.best = PATH_PIPE;
	}
	if (!paths_take(&p))
		return;
	if (l) {
		if (streams_say(&l->l, 'U', t->token, NULL) == -1)
			l->l.fd = fd_drop(l->l.fd);
		else
			choose_line(t, l);
	} else if (w) {
		probes_use(&t->probes, w);
		if (t->pipe.fd != -1)
			(void)streams_say(&t->pipe, 'U', t->token, w->nonce);
		choose_way(t, w);
	} else if (streams_say(&t->pipe, 'U', t->token, t->nonce) == 0) {
		choose_pipe(t);
	}
}

static void
wait_a_step(struct state *t)
{
	struct pollfd p[3 + STREAMS_FDS];
	int n = 0, i;

	for (i = 0; i < 2; i++)
		p[n++] = (struct pollfd){.fd = t->s->sock[i], .events = POLLIN};
	p[n++] = (struct pollfd){.fd = t->pipe.fd, .events = POLLIN};
	n += streams_watch(&t->streams, p + n);
	(void)poll(p, (nfds_t)n, STEP_MS);
}

/* Is it time to give up?  The side that does not decide waits a little longer,
 * for a choice that may be late where packets are lost.  -1 and a fault. */
static int
patient(const struct state *t, struct fault *f)
{
	int64_t limit = LIMIT_MS * 1000;

	if (!t->initiator)
		limit += LEFT_MS * 1000;
	if (since(t) >= limit)
		return fault(f, X_TIME, "no path to the other side");
	/* If a direct path has answered, the choice comes by that. */
	if (t->left != -1 && first(t) == -1 &&
	    since(t) >= t->left + LEFT_MS * 1000)
		return fault(f, X_SYS, "the other side left while connecting");
	return 0;
}

/* Read all that has come on direct paths, and send what is due. */
static void
step(struct state *t)
{
	const struct probes_way *w;
	struct streams_line *l;

	if (t->datagrams) {
		if ((w = probes_read(&t->probes)))
			choose_way(t, w);
	} else if ((l = streams_read(&t->streams))) {
		choose_line(t, l);
	}
	if (t->over)
		return;
	if (t->hub)
		seat_register(t->s, clock_ms());
	if (t->datagrams)
		probes_send(&t->probes, whole(t));
	else
		streams_call(&t->streams, whole(t), streams_rtt(&t->pipe));
	if (t->initiator)
		decide(t);
}

static int
search(struct state *t, struct fault *f)
{
	while (!t->over) {
		wait_a_step(t);
		read_pipe(t);
		if (t->over)
			break;
		if (patient(t, f) == -1)
			return -1;
		t->full |= t->ready != -1 || since(t) >= PATHS_FULL_MS * 1000 ||
		           t->pipe.fd == -1;
		step(t);
	}
	if (t->out->fd == -1)
		return fault_sys(f, X_SYS, "the path is lost");
	return 0;
}

/* Close all but fd.  The kernel resets a connection that is closed with bytes
 * unread, and a U on its way to the relay would be lost. */
static void
close_rest(struct state *t, int fd)
{
	uint8_t unread[4 * MEET_PROBE];
	int i;

	streams_close(&t->streams);
	for (i = 0; i < 2; i++)
		if (t->s->sock[i] == fd)
			t->s->sock[i] = -1;
	if (t->s->hub == fd)
		t->s->hub = -1;
	else if (t->s->hub != -1) {
		(void)shutdown(t->s->hub, SHUT_WR);
		(void)recv(t->s->hub, unread, sizeof(unread), MSG_DONTWAIT);
	}
	seat_close(t->s);
}

/* Does a side's router keep ports?  Then calls that cross can pass. */
static int
keeps(const struct meet_seen *seen, int n, const struct meet_card *c)
{
	int i, k;

	for (i = 0; i < n; i++)
		for (k = 0; k < c->n && seen[i].kind == 't'; k++)
			if (seen[i].at.port == c->at[k].port)
				return 1;
	return 0;
}

/* Take over the relay's introduction. */
static int
begin_intro(struct state *t, struct fault *f)
{
	const struct meet_intro *m = &t->s->intro;
	const struct seat_reg *reg;
	struct meet_card card;
	int i, own = 0, other = 0;

	if (meet_card_get(&card, m->card, m->card_n) == -1)
		return fault(f, X_PEER, "the other side's chat-meet is %s",
		    m->card_n > 0 && m->card[0] > 1 ? "newer" : "older");
	memcpy(t->token, card.token, MEET_TOKEN);
	for (i = 0; i < card.n && !t->how->hidden; i++)
		add_told(t, &card.at[i], 0);
	for (i = 0; i < m->other_n && !t->how->hidden; i++)
		if (m->other[i].kind == t->s->kind)
			add_told(t, &m->other[i].at, 1);
	for (i = 0; i < m->own_n; i++)
		own |= m->own[i].kind == 'u';
	for (i = 0; i < m->other_n; i++)
		other |= m->other[i].kind == 'u';
	/* Addresses of a side that hides are not told, but it may have UDP. */
	t->udp = own && (other || m->other_n == 0);
	/* The relay takes datagrams of a family in which it has seen ours. */
	for (i = 0; i < m->own_n && !t->hub && t->udp; i++) {
		reg = &t->s->reg[!meet_is_v4(&m->own[i].at)];
		if (m->own[i].kind == 'u' && reg->to.len)
			t->hub =
			    probes_add(&t->probes, &reg->to, PATH_HUB) != NULL;
	}
	t->pipe.fd = t->s->hub;
	t->far = !t->datagrams && streams_rtt(&t->pipe) >= FAR_US;
	t->likely = !t->datagrams && keeps(m->own, m->own_n, &t->s->card) &&
	            keeps(m->other, m->other_n, &card);
	return 0;
}

static void
begin_lan(struct state *t, const struct punch_lan *lan)
{
	struct addr from = lan->from;
	struct meet_addr heard;
	int i;

	memcpy(t->token, lan->card.token, MEET_TOKEN);
	place_get(&heard, &from.ss);
	for (i = 0; i < lan->card.n; i++)
		if (meet_is_v4(&lan->card.at[i]) == meet_is_v4(&heard)) {
			((struct sockaddr_in *)&from.ss)->sin_port =
			    htons(lan->card.at[i].port);
			break;
		}
	add(t, &from, PATH_LAN);
	for (i = 0; i < lan->card.n; i++)
		add_told(t, &lan->card.at[i], 0);
}

int
punch(struct seat *s, const struct seat_how *how, const struct punch_lan *lan,
    struct punched *out, struct fault *f)
{
	static struct state t;
	int bad;

	memset(&t, 0, sizeof(t));
	memset(out, 0, sizeof(*out));
	out->fd = -1;
	t.s = s;
	t.datagrams = s->kind == 'u';
	t.how = how;
	t.out = out;
	t.start = clock_us();
	t.ready = t.rtt = t.left = -1;
	t.pipe.fd = -1;
	t.initiator = lan ? lan->initiator : s->intro.role == 'i';
	t.probes = (struct probes){
	    .s = s, .how = how, .token = t.token, .initiator = t.initiator};
	t.streams = (struct streams){.s = s,
	    .how = how,
	    .token = t.token,
	    .initiator = t.initiator,
	    .lan = lan != NULL};
	if (lan)
		begin_lan(&t, lan);
	else if (begin_intro(&t, f) == -1)
		return -1;
	out->initiator = t.initiator;
	if (t.datagrams)
		probes_open(&t.probes);
	else
		streams_open(&t.streams, !t.far);
	if (t.pipe.fd != -1)
		(void)streams_say(&t.pipe, 'H', t.token, NULL);
	bad = search(&t, f);
	close_rest(&t, bad ? -1 : out->fd);
	if (bad)
		return -1;
	(void)fcntl(out->fd, F_SETFL, fcntl(out->fd, F_GETFL) & ~O_NONBLOCK);
	if (!t.datagrams || out->pump)
		sock_tune(out->fd);
	return 0;
}
