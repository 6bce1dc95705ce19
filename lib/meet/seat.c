/* seat: a place in one room of a relay: sockets, JOIN, and what the relay says
 * until the introduction.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "meet/paths.h"
#include "meet/place.h"
#include "meet/seat.h"
#include "net/sock.h"

enum {
	STAGGER_MS = 250, /* between two addresses of a relay */
	CALL_MS = 15000, /* for one of them to answer */
	REG_SOON_MS = 5, /* registrations: the first may overtake JOIN */
	REG_MS = 50, /* then */
	REG_FIRST_MS = 2000, /* so long */
	REG_KEEP_MS = 15000 /* then, so that routers keep their entry */
};

void
seat_init(struct seat *s)
{
	memset(s, 0, sizeof(*s));
	s->hub = s->sock[0] = s->sock[1] = -1;
}

/* A socket bound to our source address and that port, which TCP ones share. */
static int
open_at(const struct seat_how *how, int type, int family, int port)
{
	int fd =
	    fd_high(socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	struct addr at = {.len = family == AF_INET
	                             ? sizeof(struct sockaddr_in)
	                             : sizeof(struct sockaddr_in6)};

	if (fd == -1)
		return -1;
	if (how->source)
		at = *how->source;
	at.ss.ss_family = (sa_family_t)family;
	((struct sockaddr_in *)&at.ss)->sin_port = htons((uint16_t)port);
	if (family == AF_INET6)
		(void)fd_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (type == SOCK_STREAM) {
		(void)fd_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		(void)fd_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	}
	return bind(fd, (struct sockaddr *)&at.ss, at.len) == 0 ? fd
	                                                        : fd_drop(fd);
}

/* Put this machine's addresses into own, and those that the other side may try
 * into the card. */
static void
find_own(struct seat *s, const struct seat_how *how, struct fault *f)
{
	const struct addr any = {.ss.ss_family = AF_INET6};
	char text[ADDR_OWN][ADDR_TEXT];
	struct addr own, bound;
	struct meet_addr a;
	int n = addr_own(text, &any, AF_UNSPEC), i, fd;

	for (i = 0; i < n; i++) {
		if (addr_parse(&own, text[i], f) == -1)
			continue;
		fd = s->sock[own.ss.ss_family == AF_INET6];
		place_get(&a, &own.ss);
		if (!paths_tellable(&a) || fd == -1)
			continue;
		s->own[s->own_n++] = a;
		if (how->hidden || s->card.n == MEET_ADDRS ||
		    (how->nolan && paths_private(&a)) ||
		    addr_local(&bound, fd) == -1)
			continue;
		a.port = (uint16_t)addr_port(&bound);
		s->card.at[s->card.n++] = a;
	}
}

int
seat_open(struct seat *s, const struct seat_how *how, struct fault *f)
{
	int type = s->room.udp ? SOCK_DGRAM : SOCK_STREAM, i, family;

	s->kind = s->room.udp ? 'u' : 't';
	for (i = 0; i < 2; i++) {
		family = i ? AF_INET6 : AF_INET;
		if ((how->family == AF_UNSPEC || how->family == family) &&
		    (!how->source || how->source->ss.ss_family == family))
			s->sock[i] = open_at(how, type, family, 0);
	}
	if (s->sock[0] == -1 && s->sock[1] == -1)
		return fault_sys(f, X_SYS, "cannot make a socket");
	if (getrandom(s->card.token, MEET_TOKEN, 0) != MEET_TOKEN)
		return fault_sys(f, X_SYS, "cannot make a token");
	find_own(s, how, f);
	return 0;
}

static void
lose(struct seat *s, int error)
{
	s->state = SEAT_LOST;
	s->error = error;
}

int
seat_dial(const struct seat *s, const struct seat_how *how,
    const struct addr *to, int ttl)
{
	int six = to->ss.ss_family == AF_INET6, fd, bad, port = 0;
	struct addr at;

	if (s->kind == 't' && s->sock[six] == -1) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	if (s->kind == 't' && addr_local(&at, s->sock[six]) == 0)
		port = addr_port(&at);
	fd = open_at(how, SOCK_STREAM, to->ss.ss_family, port);
	if (fd == -1)
		return -1;
	sock_tune(fd);
	/* The router where it dies says so by ICMP: MINTTL has the kernel
	 * ignore that, or the call would be over before its answer can come. */
	if (ttl && !six) {
		(void)fd_option(fd, IPPROTO_IP, IP_TTL, ttl);
		(void)fd_option(fd, IPPROTO_IP, IP_MINTTL, ttl);
	}
	bad = connect(fd, (const struct sockaddr *)&to->ss, to->len) == -1 &&
	      errno != EINPROGRESS;
	/* The SYN has left; our answer to the other side's needs a full TTL. */
	if (ttl && !six)
		(void)fd_option(fd, IPPROTO_IP, IP_TTL, -1);
	return bad ? fd_drop(fd) : fd;
}

/* Call the next address of the relay. */
static void
call_next(struct seat *s, const struct seat_how *how, const struct relay_at *r)
{
	s->try[s->tries] = seat_dial(s, how, &r->at[s->tries], 0);
	if (s->try[s->tries] == -1)
		s->error = errno;
	s->tries++;
}

void
seat_call(struct seat *s, const struct seat_how *how, const struct relay_at *r)
{
	s->state = SEAT_CALLING;
	s->called = clock_ms();
	s->tries = 0;
	s->waits = 0;
	s->got = 0;
	s->error = 0;
	if (r->n > 0)
		call_next(s, how, r);
}

/* The relay's addresses for datagrams: those it was called by, at its port. */
static void
registrar(struct seat *s, const struct relay_at *r)
{
	struct addr called;
	int i, six;

	for (i = r->n - 1; i >= 0; i--)
		s->reg[r->at[i].ss.ss_family == AF_INET6].to = r->at[i];
	if (addr_remote(&called, s->hub) == 0) {
		six = called.ss.ss_family == AF_INET6;
		s->reg[six].to = called;
	}
	s->reg_since = s->reg_next = clock_ms();
}

static void
join(struct seat *s, const struct seat_how *how, const struct relay_at *r)
{
	struct meet_join j = {
	    .what = s->room.what, .kind = s->kind, .hidden = how->hidden};
	uint8_t m[MEET_HEAD + MEET_CARD];
	size_t n;

	memcpy(j.room, s->room.id, MEET_ROOM);
	j.card = meet_card_put(m + MEET_HEAD, &s->card);
	meet_join_put(m, &j);
	n = MEET_HEAD + j.card;
	if (send(s->hub, m, n, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)n) {
		lose(s, errno);
		return;
	}
	s->state = SEAT_WAITING;
	if (s->kind == 'u') {
		registrar(s, r);
		seat_register(s, clock_ms());
	}
}

/* Has one of the calls been answered? */
static void
calling(struct seat *s, const struct seat_how *how, const struct relay_at *r)
{
	int64_t now = clock_ms();
	int i, err, open = 0, won = -1;
	struct pollfd p;
	socklen_t len;

	for (i = 0; i < s->tries && won == -1; i++) {
		p = (struct pollfd){.fd = s->try[i], .events = POLLOUT};
		if (p.fd == -1)
			continue;
		open++;
		if (poll(&p, 1, 0) != 1)
			continue;
		len = sizeof(err);
		err = 0;
		(void)getsockopt(p.fd, SOL_SOCKET, SO_ERROR, &err, &len);
		if (err == 0) {
			won = i;
		} else {
			s->error = err;
			s->try[i] = fd_drop(p.fd);
			open--;
		}
	}
	if (won != -1) {
		s->hub = s->try[won];
		for (i = 0; i < s->tries; i++)
			if (i != won)
				(void)fd_drop(s->try[i]);
		s->tries = 0;
		join(s, how, r);
		return;
	}
	if (s->tries < r->n &&
	    (open == 0 || now >= s->called + STAGGER_MS * s->tries))
		call_next(s, how, r);
	else if (open == 0)
		lose(s, s->error);
	else if (now >= s->called + CALL_MS)
		lose(s, ETIMEDOUT);
}

void
seat_send(const struct seat *s, const struct addr *to, const void *p, size_t n)
{
	int fd = s->sock[to->ss.ss_family == AF_INET6];

	if (fd != -1)
		(void)sendto(fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL,
		    (const struct sockaddr *)&to->ss, to->len);
}

void
seat_register(struct seat *s, int64_t now)
{
	struct meet_probe m = {.type = 'R'};
	uint8_t p[MEET_PROBE];
	int i, all = 1;

	if (now < s->reg_next)
		return;
	memcpy(m.token, s->card.token, MEET_TOKEN);
	for (i = 0; i < 2; i++) {
		if (!s->reg[i].to.len || s->sock[i] == -1)
			continue;
		all &= s->reg[i].proven;
		memcpy(m.nonce, s->reg[i].cookie, MEET_NONCE);
		meet_probe_put(p, &m);
		seat_send(s, &s->reg[i].to, p, sizeof(p));
	}
	if (all || now - s->reg_since >= REG_FIRST_MS)
		s->reg_next = now + REG_KEEP_MS;
	else if (now - s->reg_since < 3 * REG_SOON_MS)
		s->reg_next = now + REG_SOON_MS;
	else
		s->reg_next = now + REG_MS;
}

int
seat_registered(struct seat *s, int six, const uint8_t *p, size_t n,
    const struct addr *from)
{
	struct seat_reg *r = &s->reg[six];
	uint8_t cookie[MEET_NONCE];
	struct meet_addr at;

	if (!r->to.len || !addr_same(from, &r->to) ||
	    meet_proof_get(&at, cookie, p, n) == -1)
		return 0;
	if (r->answered && memcmp(cookie, r->cookie, sizeof(cookie)) == 0) {
		r->proven = 1;
		return 1;
	}
	/* A new cookie: this address is new to the relay. */
	memcpy(r->cookie, cookie, sizeof(cookie));
	r->answered = 1;
	r->proven = 0;
	s->reg_since = clock_ms();
	s->reg_next = 0;
	return 1;
}

/* The relay says where its datagrams are to go. */
static void
hear_udp(struct seat *s, const uint8_t *body)
{
	struct meet_addr four = {.ip = {[10] = 0xff, 0xff}}, six;
	static const uint8_t none[16];
	struct meet_udp m;
	int i;

	meet_udp_get(&m, body);
	memcpy(four.ip + 12, m.v4, 4);
	memcpy(six.ip, m.v6, 16);
	four.port = six.port = m.port;
	if (memcmp(m.v4, none, 4) != 0 && paths_tellable(&four))
		s->reg[0].to.len = place_put(&s->reg[0].to.ss, &four, AF_INET);
	if (memcmp(m.v6, none, 16) != 0 && paths_tellable(&six))
		s->reg[1].to.len = place_put(&s->reg[1].to.ss, &six, AF_INET6);
	for (i = 0; i < 2; i++)
		((struct sockaddr_in *)&s->reg[i].to.ss)->sin_port =
		    htons(m.port);
	if (send(s->hub, "G", 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
		lose(s, errno);
	s->reg_next = 0;
	seat_register(s, clock_ms());
}

/* Handle one whole message of the relay. */
static void
hear(struct seat *s, size_t n)
{
	const uint8_t *body = s->in + 3;

	switch (s->in[0]) {
	case 'W':
		s->waits = 1;
		return;
	case 'M':
		if (s->kind == 'u' && n == MEET_UDP)
			hear_udp(s, body);
		else
			lose(s, EPROTO);
		return;
	case 'X':
		s->state = SEAT_REFUSED;
		s->refusal = n > 0 ? (char)body[0] : '?';
		return;
	case 'P':
		if (meet_intro_get(&s->intro, body, n) == 0 &&
		    s->intro.role == (strchr("lb", s->room.what) ? 'r' : 'i'))
			s->state = SEAT_MET;
		else
			lose(s, EPROTO);
		return;
	default:
		lose(s, EPROTO);
	}
}

/* Read the relay's messages, and never a byte behind P: the other side has sent
 * what follows. */
static void
listen_to(struct seat *s)
{
	size_t need;
	ssize_t n;

	while (s->state == SEAT_WAITING) {
		need = s->got < 3 ? 3 : 3 + ((size_t)s->in[1] << 8 | s->in[2]);
		if (need > sizeof(s->in)) {
			lose(s, EPROTO);
			return;
		}
		if (s->got == need) {
			s->got = 0;
			hear(s, need - 3);
			continue;
		}
		n = recv(s->hub, s->in + s->got, need - s->got, MSG_DONTWAIT);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			lose(s, n == 0 || errno == ECONNRESET ? 0 : errno);
			return;
		}
		s->got += (size_t)n;
	}
}

/* Read datagrams that come before the introduction: only the relay's count. */
static void
proofs(struct seat *s)
{
	uint8_t p[MEET_PROBE + 1];
	struct addr from;
	ssize_t n;
	int i;

	for (i = 0; i < 2; i++)
		for (;;) {
			from.len = sizeof(from.ss);
			n = recvfrom(s->sock[i], p, sizeof(p), MSG_DONTWAIT,
			    (struct sockaddr *)&from.ss, &from.len);
			if (n == -1)
				break;
			(void)seat_registered(s, i, p, (size_t)n, &from);
		}
}

int
seat_watch(const struct seat *s, struct pollfd *p, int64_t *wake)
{
	int64_t at = INT64_MAX;
	int n = 0, i;

	if (s->state == SEAT_CALLING) {
		for (i = 0; i < s->tries; i++)
			if (s->try[i] != -1)
				p[n++] = (struct pollfd){
				    .fd = s->try[i], .events = POLLOUT};
		at = clock_ms() + STAGGER_MS;
	} else if (s->state == SEAT_WAITING) {
		p[n++] = (struct pollfd){.fd = s->hub, .events = POLLIN};
		for (i = 0; i < 2 && s->kind == 'u'; i++)
			if (s->sock[i] != -1)
				p[n++] = (struct pollfd){
				    .fd = s->sock[i], .events = POLLIN};
		if (s->kind == 'u')
			at = s->reg_next;
	}
	if (at < *wake)
		*wake = at;
	return n;
}

enum seat_state
seat_turn(struct seat *s, const struct seat_how *how, const struct relay_at *r)
{
	if (s->state == SEAT_CALLING)
		calling(s, how, r);
	if (s->state == SEAT_WAITING && s->kind == 'u') {
		proofs(s);
		seat_register(s, clock_ms());
	}
	if (s->state == SEAT_WAITING)
		listen_to(s);
	return s->state;
}

void
seat_leave(struct seat *s)
{
	int i;

	for (i = 0; i < s->tries; i++)
		(void)fd_drop(s->try[i]);
	s->tries = 0;
	s->hub = fd_drop(s->hub);
	memset(s->reg, 0, sizeof(s->reg));
	s->state = SEAT_EMPTY;
}

void
seat_close(struct seat *s)
{
	int i;

	seat_leave(s);
	for (i = 0; i < 2; i++)
		s->sock[i] = fd_drop(s->sock[i]);
	s->own_n = s->card.n = s->kind = 0;
}
