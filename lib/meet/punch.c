/* punch: from the introduction to a path between the two.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "meet/place.h"
#include "meet/punch.h"
#include "net/sock.h"

enum {
	LIMIT_MS = 5000,
	STEP_MS = 5, /* how often all is looked at */
	PROBE_MS = 40, /* between two probes of an address */
	PROBES = 40, /* most for one address */
	HUB_MS = 50, /* between two through the relay */
	DIAL_MS = 100, /* between two calls by TCP, at the least: one too early
	                * takes the answer from the one before it */
	DIALS = 8,
	SECOND_MS = 150, /* until the responder calls, too */
	NEAR_US = 5000,
	FAR_US = 30000, /* to the relay and back: more than P may be late */
	LEFT_MS = 1500, /* for a path, when the relay's connection is closed */
	LOW_TTL = 2, /* dies between the two routers */
	WAYS = 24,
	KEPT = 256, /* probes of either side that are remembered */
	LINES = 16 /* TCP connections that are open */
};

/* An address that is tried. */
struct way {
	struct addr at;
	enum path path;
	int64_t next; /* us: the next probe or call */
	int sent, heard;
	int good; /* has answered */
	int64_t rtt;
	uint8_t nonce[MEET_NONCE]; /* of the probe that it answered */
	int dial; /* a call under way, -1: none */
};

/* A probe: ours, or one that we have answered. */
struct kept {
	uint8_t nonce[MEET_NONCE];
	int way;
	int64_t at;
};

/* A stream to the other side: the relay's, or a direct one. */
struct line {
	int fd;
	enum path path;
	int hello; /* its H has come */
	int64_t rtt;
	uint8_t in[MEET_PROBE];
	size_t got;
};

struct state {
	struct seat *s;
	const struct seat_how *how;
	int initiator;
	uint8_t token[MEET_TOKEN]; /* theirs */
	/* us; but for start since start, -1: not yet */
	int64_t start, ready, pipe, first, left;
	int datagrams; /* of kind u */
	int far; /* from the relay: calls by TCP will cross on their way */
	int full; /* whole probes may go to observed IPv4 addresses */
	int udp; /* the relay has seen datagrams of both */
	int lan; /* found on the LAN */
	struct way way[WAYS];
	int ways, hub; /* hub: the way through the relay, -1 */
	struct kept ours[KEPT], theirs[KEPT];
	unsigned ours_n, theirs_n;
	struct line pipe_line, line[LINES];
	int lines;
	uint8_t pipe_nonce[MEET_NONCE];
	int64_t pipe_asked;
	int pipe_good, pipe_asked_us; /* the answer is here; they asked */
	struct punched *out;
	int over; /* out is filled */
};

static int64_t
since(const struct state *t)
{
	return clock_us() - t->start;
}

static void
message(uint8_t p[static MEET_PROBE], const struct state *t, char type,
    const uint8_t *nonce)
{
	struct meet_probe m = {.type = type};

	memcpy(m.token, t->token, MEET_TOKEN);
	if (nonce)
		memcpy(m.nonce, nonce, MEET_NONCE);
	meet_probe_put(p, &m);
}

static struct way *
find_way(struct state *t, const struct addr *at)
{
	int i;

	for (i = 0; i < t->ways; i++)
		if (addr_same(&t->way[i].at, at))
			return &t->way[i];
	return NULL;
}

static struct way *
add_way(struct state *t, const struct addr *at, enum path path)
{
	struct way *w = find_way(t, at);

	if (w || path == PATH_NONE || t->ways == WAYS ||
	    (t->how->family != AF_UNSPEC && t->how->family != at->ss.ss_family))
		return w;
	w = &t->way[t->ways++];
	*w = (struct way){.at = *at, .path = path, .dial = -1};
	return w;
}

/* An address of a message of the other side's or the relay's. */
static void
add_told(struct state *t, const struct meet_addr *a, int seen)
{
	struct addr at;

	at.len = place_put(&at.ss, a, meet_is_v4(a) ? AF_INET : AF_INET6);
	(void)add_way(t, &at, paths_of(a, t->s->own, t->s->own_n, seen));
}

static void
probe(struct state *t, struct way *w, int low)
{
	struct kept *k = &t->ours[t->ours_n++ % KEPT];
	int fd = t->s->sock[w->at.ss.ss_family == AF_INET6];
	uint8_t p[MEET_PROBE];

	if (getrandom(k->nonce, MEET_NONCE, 0) != MEET_NONCE)
		return;
	k->way = (int)(w - t->way);
	k->at = clock_us();
	message(p, t, 'p', k->nonce);
	if (low)
		(void)fd_option(fd, IPPROTO_IP, IP_TTL, LOW_TTL);
	seat_send(t->s, &w->at, p, sizeof(p));
	if (low)
		(void)fd_option(fd, IPPROTO_IP, IP_TTL, -1);
}

/* Call a way by TCP, from the port where it calls us: so the calls cross. */
static void
dial(struct state *t, struct way *w, int low)
{
	(void)fd_drop(w->dial);
	w->dial = seat_dial(t->s, t->how, &w->at, low ? LOW_TTL : 0);
}

/* Open our own router for the other side's address, with packets that do not
 * come as far as its router: to some of them one that comes before their own is
 * an attack, and the port is given to another.  A call by TCP from far away cannot
 * be there first. */
static void
open_router(struct state *t)
{
	struct way *w;

	for (w = t->way; w < t->way + t->ways; w++) {
		if (w->path != PATH_FOUR || t->far)
			continue;
		if (t->datagrams) {
			probe(t, w, 1);
			probe(t, w, 1);
		} else {
			dial(t, w, 1);
		}
	}
}

static int
say(const struct state *t, int fd, char type, const uint8_t *nonce)
{
	uint8_t p[MEET_PROBE];

	message(p, t, type, nonce);
	return send(fd, p, sizeof(p), MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof(p)
	           ? 0
	           : -1;
}

/* A connection to the other side, or to something at its address. */
static void
add_line(struct state *t, int fd, enum path path)
{
	struct line *l;

	if (t->lines == LINES || say(t, fd, 'H', NULL) == -1) {
		close(fd);
		return;
	}
	l = &t->line[t->lines++];
	*l = (struct line){.fd = fd, .path = path};
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
choose_way(struct state *t, const struct way *w)
{
	choose(t, t->s->sock[w->at.ss.ss_family == AF_INET6], w->path, w->rtt);
	if (connect(t->out->fd, (const struct sockaddr *)&w->at.ss,
	        w->at.len) == -1)
		t->out->fd = -1;
}

static void
choose_pipe(struct state *t)
{
	choose(t, t->pipe_line.fd, PATH_PIPE, t->pipe < 0 ? 0 : t->pipe);
	t->out->pump = t->datagrams;
	t->out->blocked = t->datagrams && !t->udp;
}

/* The responder: U has come, with the nonce of a probe that we have answered. */
static void
chosen(struct state *t, const uint8_t *nonce)
{
	unsigned i, n = t->theirs_n < KEPT ? t->theirs_n : KEPT;

	if (t->initiator || t->over)
		return;
	for (i = 0; i < n; i++)
		if (memcmp(t->theirs[i].nonce, nonce, MEET_NONCE) == 0) {
			if (t->theirs[i].way == -1)
				choose_pipe(t);
			else
				choose_way(t, &t->way[t->theirs[i].way]);
			return;
		}
}

static void
keep_theirs(struct state *t, const uint8_t *nonce, int way)
{
	struct kept *k = &t->theirs[t->theirs_n++ % KEPT];

	memcpy(k->nonce, nonce, MEET_NONCE);
	k->way = way;
}

/* A probe has come from that address: answer, and probe it at once. */
static void
probed(struct state *t, const struct addr *from, const uint8_t *nonce)
{
	struct way *w = find_way(t, from);
	struct meet_addr a;
	uint8_t p[MEET_PROBE];

	if (!w && !t->how->hidden) {
		place_get(&a, &from->ss);
		w = add_way(t, from, paths_of(&a, t->s->own, t->s->own_n, 1));
	}
	if (!w)
		return;
	keep_theirs(t, nonce, (int)(w - t->way));
	message(p, t, 'a', nonce);
	seat_send(t->s, from, p, sizeof(p));
	if (!w->heard && w->path != PATH_HUB)
		w->next = 0;
	w->heard = 1;
}

static void
answered(struct state *t, const struct addr *from, const uint8_t *nonce)
{
	unsigned i, n = t->ours_n < KEPT ? t->ours_n : KEPT;
	struct way *w;

	for (i = 0; i < n; i++) {
		w = &t->way[t->ours[i].way];
		if (memcmp(t->ours[i].nonce, nonce, MEET_NONCE) != 0 ||
		    w->good || !addr_same(&w->at, from))
			continue;
		w->good = 1;
		w->rtt = clock_us() - t->ours[i].at;
		memcpy(w->nonce, nonce, MEET_NONCE);
		if (w->path < PATH_HUB && t->first == -1)
			t->first = since(t);
	}
}

/* Read the datagrams of one family, up to the first that is the program's: it
 * is left where it is. */
static void
read_datagrams(struct state *t, int six)
{
	int fd = t->s->sock[six];
	uint8_t p[MEET_PROBE + 1];
	struct meet_probe m;
	struct addr from;
	struct way *w;
	ssize_t n;

	while (fd != -1 && !t->over) {
		from = (struct addr){.len = sizeof(from.ss)};
		n = recvfrom(fd, p, sizeof(p), MSG_DONTWAIT | MSG_PEEK,
		    (struct sockaddr *)&from.ss, &from.len);
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			continue; /* an ICMP error, taken by that */
		if (n == -1)
			return;
		w = find_way(t, &from);
		/* The initiator's program speaks as soon as it has chosen. */
		if (!t->initiator && w && (w->heard || w->good) &&
		    (n < 5 || memcmp(p, "meet1", 5) != 0)) {
			choose_way(t, w);
			return;
		}
		(void)recv(fd, p, sizeof(p), MSG_DONTWAIT);
		if (seat_registered(t->s, six, p, (size_t)n, &from) ||
		    meet_probe_get(&m, p, (size_t)n) == -1 ||
		    memcmp(m.token, t->s->card.token, MEET_TOKEN) != 0)
			continue;
		if (m.type == 'p')
			probed(t, &from, m.nonce);
		else if (m.type == 'a')
			answered(t, &from, m.nonce);
		else if (m.type == 'U')
			chosen(t, m.nonce);
	}
}

/* One message of 32 bytes on a stream, and never a byte more: 1 and *m, 0 if it
 * is not whole yet, -1 if the stream is not the other side's, or is over. */
static int
read_line(const struct state *t, struct line *l, struct meet_probe *m)
{
	ssize_t n =
	    recv(l->fd, l->in + l->got, sizeof(l->in) - l->got, MSG_DONTWAIT);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return -1;
	l->got += (size_t)n;
	if (l->got < sizeof(l->in))
		return 0;
	l->got = 0;
	return meet_probe_get(m, l->in, sizeof(l->in)) == -1 ||
	               memcmp(m->token, t->s->card.token, MEET_TOKEN) != 0
	           ? -1
	           : 1;
}

static int64_t
round_trip(int fd)
{
	struct tcp_info i;
	socklen_t len = sizeof(i);

	memset(&i, 0, sizeof(i));
	(void)getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &len);
	return i.tcpi_rtt;
}

/* The other side is there: calls that came too early are made again. */
static void
call_again(struct state *t)
{
	struct way *w;

	for (w = t->way; w < t->way + t->ways && !t->datagrams; w++)
		if (w->dial == -1)
			w->next = 0;
}

/* Read the other side on the relay's connection.  -1: it is over. */
static int
read_pipe(struct state *t)
{
	struct line *l = &t->pipe_line;
	struct meet_probe m;
	int r;

	while (l->fd != -1 && !t->over && (r = read_line(t, l, &m)) != 0) {
		if (r == -1)
			return -1;
		if (m.type == 'H' && t->ready == -1) {
			t->ready = since(t);
			call_again(t);
			if (!t->initiator)
				continue;
			if (getrandom(t->pipe_nonce, MEET_NONCE, 0) !=
			        MEET_NONCE ||
			    say(t, l->fd, 'p', t->pipe_nonce) == -1)
				return -1;
			t->pipe_asked = clock_us();
		} else if (m.type == 'p' && !t->initiator) {
			keep_theirs(t, m.nonce, -1);
			if (say(t, l->fd, 'a', m.nonce) == -1)
				return -1;
		} else if (m.type == 'a' && t->initiator &&
		           memcmp(m.nonce, t->pipe_nonce, MEET_NONCE) == 0) {
			t->pipe = clock_us() - t->pipe_asked;
			t->pipe_good = 1;
		} else if (m.type == 'U') {
			chosen(t, m.nonce);
		}
	}
	return 0;
}

/* On a direct connection: H, and U, which has no nonce there. */
static void
read_lines(struct state *t)
{
	struct meet_probe m;
	struct line *l;
	int i, r;

	for (i = 0; i < t->lines && !t->over; i++) {
		l = &t->line[i];
		while (
		    l->fd != -1 && !t->over && (r = read_line(t, l, &m)) != 0) {
			if (r == -1) {
				l->fd = fd_drop(l->fd);
				break;
			}
			if (m.type == 'H' && !l->hello) {
				l->hello = 1;
				l->rtt = round_trip(l->fd);
				if (t->first == -1)
					t->first = since(t);
			} else if (m.type == 'U' && !t->initiator && l->hello) {
				choose(t, l->fd, l->path, l->rtt);
				l->fd = -1;
			}
		}
	}
}

/* Calls that came, and those that were answered. */
static void
take_lines(struct state *t)
{
	struct sockaddr_storage ss;
	struct meet_addr a;
	struct pollfd p;
	struct way *w;
	socklen_t len;
	int i, fd, err;

	for (i = 0; i < 2; i++) {
		len = sizeof(ss);
		while (
		    t->s->sock[i] != -1 &&
		    (fd = fd_high(accept4(t->s->sock[i], (struct sockaddr *)&ss,
		         &len, SOCK_CLOEXEC | SOCK_NONBLOCK))) != -1) {
			place_get(&a, &ss);
			sock_tune(fd);
			add_line(t, fd,
			    t->lan || paths_private(&a) ? PATH_LAN
			    : meet_is_v4(&a)            ? PATH_FOUR
			                                : PATH_SIX);
			len = sizeof(ss);
		}
	}
	for (w = t->way; w < t->way + t->ways; w++) {
		p = (struct pollfd){.fd = w->dial, .events = POLLOUT};
		if (w->dial == -1 || poll(&p, 1, 0) != 1)
			continue;
		len = sizeof(err);
		err = 0;
		(void)getsockopt(w->dial, SOL_SOCKET, SO_ERROR, &err, &len);
		fd = w->dial;
		w->dial = -1;
		if (err)
			close(fd);
		else
			add_line(t, fd, w->path);
	}
}

/* Has the other side's call crossed this one?  Then it is the connection. */
static int
crossed(int fd)
{
	struct tcp_info i = {0};
	socklen_t len = sizeof(i);

	return fd != -1 &&
	       getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &len) == 0 &&
	       (i.tcpi_state == TCP_SYN_RECV ||
	           i.tcpi_state == TCP_ESTABLISHED);
}

/* How long a call by TCP is given: half as long again as it takes to the other
 * side and back, by way of the relay; and a little more or less, or the two would
 * miss each other in the same way each time. */
static int64_t
dial_gap(const struct state *t)
{
	int64_t gap = 0;
	uint8_t random;

	if (t->pipe_line.fd != -1)
		gap = 3 * round_trip(t->pipe_line.fd);
	if (gap < DIAL_MS * 1000)
		gap = DIAL_MS * 1000;
	if (getrandom(&random, 1, GRND_NONBLOCK) != 1)
		random = 0;
	return gap + gap * random / 1024;
}

/* May whole packets go there?  Calls by TCP that cross on their way do.  Where they
 * would not, only the initiator calls, and the other side's call that has opened
 * its router is still there to answer: routers that watch sequence numbers take
 * no other answer (Linux passes it on with the address of the LAN). */
static int
whole(const struct state *t, const struct way *w)
{
	if (w->path != PATH_FOUR || w->heard || t->far)
		return 1;
	if (t->datagrams || t->initiator)
		return t->full;
	return t->ready != -1 && since(t) >= t->ready + SECOND_MS * 1000;
}

/* Send probes and calls that are due. */
static void
send_due(struct state *t)
{
	int64_t now = clock_us();
	struct way *w;

	for (w = t->way; w < t->way + t->ways; w++) {
		if (now < w->next || !whole(t, w))
			continue;
		if (w->path == PATH_HUB) {
			if (!t->initiator || w->good)
				continue;
			w->next = now + HUB_MS * 1000;
			probe(t, w, 0);
		} else if (t->datagrams) {
			if (w->sent++ >= PROBES)
				continue;
			w->next = now + PROBE_MS * 1000;
			probe(t, w, 0);
		} else {
			if (w->sent++ >= DIALS || t->first != -1)
				continue;
			w->next = now + dial_gap(t);
			if (!crossed(w->dial))
				dial(t, w, 0);
		}
	}
}

static const struct way *
best_way(const struct state *t)
{
	const struct way *w, *best = NULL;

	for (w = t->way; t->datagrams && w < t->way + t->ways; w++)
		if (w->good &&
		    (!best || w->path < best->path ||
		        (w->path == best->path && w->rtt < best->rtt)))
			best = w;
	return best;
}

/* Has what we sent there arrived?  Where calls cross within less than routers need
 * to note them, one may pass on one direction alone.  On longer paths that was not
 * seen, and an answer would take its time. */
static int
arrived(const struct state *t, const struct line *l)
{
	int unsent = 0;

	/* Of calls that crossed the kernel may have no time yet. */
	return l->rtt >= NEAR_US || t->pipe >= NEAR_US ||
	       (ioctl(l->fd, SIOCOUTQ, &unsent) == 0 && unsent == 0);
}

static struct line *
best_line(struct state *t)
{
	struct line *l, *best = NULL;

	for (l = t->line; l < t->line + t->lines; l++)
		if (l->fd != -1 && l->hello && arrived(t, l) &&
		    (!best || l->path < best->path ||
		        (l->path == best->path && l->rtt < best->rtt)))
			best = l;
	return best;
}

/* The initiator: is it time to choose? */
static void
decide(struct state *t)
{
	const struct way *w = best_way(t);
	struct line *l = best_line(t);
	struct paths_state p = {.now = since(t),
	    .ready = t->ready,
	    .pipe = t->pipe,
	    .best = l              ? l->path
	            : w            ? w->path
	            : t->pipe_good ? PATH_PIPE
	                           : PATH_NONE,
	    .rtt = l   ? l->rtt
	           : w ? w->rtt
	               : 0,
	    .first = t->first,
	    .datagrams = t->datagrams,
	    .udp = t->udp,
	    .hub = t->hub != -1 && !t->way[t->hub].good};
	int i;

	for (i = 0; i < t->ways; i++) {
		p.tried += t->way[i].path < PATH_HUB;
		p.six += t->way[i].path == PATH_SIX;
	}
	if (!paths_take(&p))
		return;
	if (l) {
		if (say(t, l->fd, 'U', NULL) == -1) {
			l->fd = fd_drop(l->fd);
			return;
		}
		choose(t, l->fd, l->path, l->rtt);
		l->fd = -1;
	} else if (w) {
		uint8_t u[MEET_PROBE];

		message(u, t, 'U', w->nonce);
		seat_send(t->s, &w->at, u, sizeof(u));
		seat_send(t->s, &w->at, u, sizeof(u));
		if (t->pipe_line.fd != -1)
			(void)say(t, t->pipe_line.fd, 'U', w->nonce);
		choose_way(t, w);
	} else if (say(t, t->pipe_line.fd, 'U', t->pipe_nonce) == 0) {
		choose_pipe(t);
	}
}

static void
wait_a_step(struct state *t)
{
	struct pollfd p[3 + LINES + WAYS];
	nfds_t n = 0;
	int i;

	for (i = 0; i < 2; i++)
		p[n++] = (struct pollfd){.fd = t->s->sock[i], .events = POLLIN};
	p[n++] = (struct pollfd){.fd = t->pipe_line.fd, .events = POLLIN};
	for (i = 0; i < t->lines; i++)
		p[n++] = (struct pollfd){.fd = t->line[i].fd, .events = POLLIN};
	for (i = 0; i < t->ways; i++)
		p[n++] =
		    (struct pollfd){.fd = t->way[i].dial, .events = POLLOUT};
	(void)poll(p, n, STEP_MS);
}

/* Is it time to give up?  The side that does not decide waits a little longer: for
 * a choice that is on its way, where packets are lost.  -1 and a fault. */
static int
patient(const struct state *t, struct fault *f)
{
	int64_t limit = LIMIT_MS * 1000;

	if (!t->initiator)
		limit += LEFT_MS * 1000;
	if (since(t) >= limit)
		return fault(f, X_TIME, "no path to the other side");
	/* Where a direct path has shown itself the choice comes by that. */
	if (t->left != -1 && t->first == -1 &&
	    since(t) >= t->left + LEFT_MS * 1000)
		return fault(f, X_SYS, "the other side left while connecting");
	return 0;
}

static int
search(struct state *t, struct fault *f)
{
	int six;

	while (!t->over) {
		wait_a_step(t);
		if (read_pipe(t) == -1) {
			t->pipe_line.fd = t->s->hub = fd_drop(t->s->hub);
			t->pipe_good = 0;
			/* It may have chosen a path that we will hear of. */
			t->left = since(t);
		}
		if (patient(t, f) == -1)
			return -1;
		t->full |= t->ready != -1 || since(t) >= PATHS_FULL_MS * 1000 ||
		           t->pipe_line.fd == -1;
		for (six = 0; six < 2 && t->datagrams; six++)
			read_datagrams(t, six);
		if (!t->datagrams)
			take_lines(t);
		read_lines(t);
		if (t->over)
			break;
		if (t->hub != -1)
			seat_register(t->s, clock_ms());
		send_due(t);
		if (t->initiator)
			decide(t);
	}
	if (t->out->fd == -1)
		return fault_sys(f, X_SYS, "the path is lost");
	return 0;
}

/* Datagrams of ours that come late are not the program's: have the kernel drop
 * what begins with `meet1`.  A filter sees the UDP header, 8 bytes, too. */
static void
drop_late(int fd)
{
	static struct sock_filter code[] = {
	    {BPF_LD | BPF_W | BPF_LEN, 0, 0, 0},
	    /* Shorter ones are not ours; a load beyond the end would drop. */
	    {BPF_JMP | BPF_JGE | BPF_K, 0, 4, 8 + 5},
	    {BPF_LD | BPF_W | BPF_ABS, 0, 0, 8},
	    {BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 0x6d656574},
	    {BPF_LD | BPF_B | BPF_ABS, 0, 0, 12},
	    {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, '1'},
	    {BPF_RET | BPF_K, 0, 0, 0xffffffff},
	    {BPF_RET | BPF_K, 0, 0, 0},
	};
	struct sock_fprog program = {
	    .len = sizeof(code) / sizeof(*code), .filter = code};
	struct addr peer, from;
	uint8_t p[5];
	ssize_t n;

	(void)setsockopt(
	    fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
	if (addr_remote(&peer, fd) == -1)
		return;
	/* And what has come before it was connected. */
	for (;;) {
		from = (struct addr){.len = sizeof(from.ss)};
		n = recvfrom(fd, p, sizeof(p), MSG_DONTWAIT | MSG_PEEK,
		    (struct sockaddr *)&from.ss, &from.len);
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			continue;
		if (n == -1 || (addr_same(&from, &peer) &&
		                   (n < 5 || memcmp(p, "meet1", 5) != 0)))
			return;
		(void)recv(fd, p, sizeof(p), MSG_DONTWAIT);
	}
}

/* Close all but what is handed on.  What is unread there would reset the relay's
 * connection, and take U with it. */
static void
close_rest(struct state *t, int fd)
{
	uint8_t unread[4 * MEET_PROBE];
	int i;

	for (i = 0; i < t->ways; i++)
		t->way[i].dial = fd_drop(t->way[i].dial);
	for (i = 0; i < t->lines; i++)
		t->line[i].fd = fd_drop(t->line[i].fd);
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

/* Take over what the relay has told. */
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
	t->initiator = m->role == 'i';
	for (i = 0; i < card.n && !t->how->hidden; i++)
		add_told(t, &card.at[i], 0);
	for (i = 0; i < m->other_n && !t->how->hidden; i++)
		if (m->other[i].kind == t->s->kind)
			add_told(t, &m->other[i].at, 1);
	for (i = 0; i < m->own_n; i++)
		own |= m->own[i].kind == 'u';
	for (i = 0; i < m->other_n; i++)
		other |= m->other[i].kind == 'u';
	/* One that hides is not told; whether its datagrams pass shows. */
	t->udp = own && (other || m->other_n == 0);
	/* Where the relay has seen ours it will take them. */
	for (i = 0; i < m->own_n && t->hub == -1 && t->udp; i++) {
		reg = &t->s->reg[!meet_is_v4(&m->own[i].at)];
		if (m->own[i].kind == 'u' && reg->to.len) {
			t->hub = t->ways;
			if (!add_way(t, &reg->to, PATH_HUB))
				t->hub = -1;
		}
	}
	t->pipe_line = (struct line){.fd = t->s->hub, .path = PATH_PIPE};
	return 0;
}

static void
begin_lan(struct state *t, const struct punch_lan *lan)
{
	struct addr from = lan->from;
	struct meet_addr heard;
	int i;

	memcpy(t->token, lan->card.token, MEET_TOKEN);
	t->initiator = lan->initiator;
	t->lan = 1;
	place_get(&heard, &from.ss);
	for (i = 0; i < lan->card.n; i++)
		if (meet_is_v4(&lan->card.at[i]) == meet_is_v4(&heard)) {
			((struct sockaddr_in *)&from.ss)->sin_port =
			    htons(lan->card.at[i].port);
			break;
		}
	(void)add_way(t, &from, PATH_LAN);
	for (i = 0; i < lan->card.n; i++)
		add_told(t, &lan->card.at[i], 0);
}

int
punch(struct seat *s, const struct seat_how *how, const struct punch_lan *lan,
    struct punched *out, struct fault *f)
{
	static struct state t;
	int i, bad;

	memset(&t, 0, sizeof(t));
	memset(out, 0, sizeof(*out));
	out->fd = -1;
	t.s = s;
	t.datagrams = s->kind == 'u';
	t.how = how;
	t.out = out;
	t.start = clock_us();
	t.ready = t.pipe = t.first = t.left = -1;
	t.hub = t.pipe_line.fd = -1;
	if (lan)
		begin_lan(&t, lan);
	else if (begin_intro(&t, f) == -1)
		return -1;
	t.far = !t.datagrams && t.pipe_line.fd != -1 &&
	        round_trip(t.pipe_line.fd) >= FAR_US;
	out->initiator = t.initiator;
	for (i = 0; i < 2 && !t.datagrams && !how->hidden; i++)
		if (s->sock[i] != -1)
			(void)listen(s->sock[i], LINES);
	open_router(&t);
	if (t.pipe_line.fd != -1)
		(void)say(&t, t.pipe_line.fd, 'H', NULL);
	bad = search(&t, f);
	close_rest(&t, bad ? -1 : out->fd);
	if (bad)
		return -1;
	(void)fcntl(out->fd, F_SETFL, fcntl(out->fd, F_GETFL) & ~O_NONBLOCK);
	if (t.datagrams && !out->pump)
		drop_late(out->fd);
	else
		sock_tune(out->fd);
	return 0;
}
