/* lobby: waiting to meet somebody: in rooms of a relay, and on the LAN.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "meet/lan.h"
#include "meet/lobby.h"
#include "meet/lookup.h"

enum {
	LAN_MS = 200, /* between two questions */
	LAN_ALONE_MS = 3000, /* a caller asks, without a relay */
	AGAIN_MS = 1000, /* first pause of a listener without its relay */
	AGAIN_MAX_MS = 60000,
	REJOIN_MS = 300, /* until the relay has seen that we left a room */
	TOKENS = 16 /* of askers that were answered */
};

/* One room of ours. */
struct place {
	const struct room *room;
	struct seat seat;
	int64_t again; /* clock_ms(): when to call the relay */
	int64_t pause; /* ms, before that; 0: the relay was there */
	int was_in; /* the relay may still see us in it */
	enum {
		TRYING,
		UNREACHED, /* a caller goes on asking on the LAN for a while */
		REFUSED
	} lost; /* for good */
};

struct lobby {
	struct lobby_how how;
	struct place *place;
	int n;
	struct relay_at relay;
	struct lookup *lookup;
	int told; /* the person knows that the relay cannot be had */
	struct fault why; /* what first kept us from the relay */
	int lan[2]; /* IPv4, IPv6 */
	int64_t lan_next, lan_since;
	uint8_t asker[TOKENS][MEET_TOKEN]; /* answered */
	unsigned askers;
	int closed;
};

/* Does the room hold now? */
static int
holds(const struct place *p)
{
	int64_t now = clock_wall_us() / 1000000;

	return p->lost != REFUSED && now >= p->room->from &&
	       now < p->room->until;
}

static void
ask_name(struct lobby *l)
{
	if (l->lookup)
		return;
	l->lookup = lookup_new(l->how.relay, l->how.port, l->how.seat.family);
	if (!l->lookup)
		fault_sys(&l->why, X_SYS, "cannot look up %s", l->how.relay);
}

static void
open_lan(struct lobby *l)
{
	int i;

	l->lan[0] = l->lan[1] = -1;
	for (i = 0; i < 2 && !l->how.nolan; i++)
		if (l->how.seat.family != (i ? AF_INET : AF_INET6))
			l->lan[i] =
			    lan_open(i ? AF_INET6 : AF_INET, l->how.listener);
	l->lan_since = l->lan_next = clock_ms();
}

struct lobby *
lobby_new(const struct lobby_how *how, const struct room *rooms, int n,
    struct fault *f)
{
	struct lobby *l = calloc(1, sizeof(*l));
	int i;

	if (l)
		l->place = calloc((size_t)n, sizeof(*l->place));
	if (!l || !l->place) {
		fault_sys(f, X_SYS, "cannot begin");
		free(l);
		return NULL;
	}
	l->how = *how;
	l->n = n;
	for (i = 0; i < n; i++) {
		l->place[i].room = &rooms[i];
		seat_init(&l->place[i].seat);
	}
	open_lan(l);
	ask_name(l);
	return l;
}

int
lobby_fds(const struct lobby *l)
{
	return 3 + l->n * SEAT_FDS;
}

/* Double the pause before the next try, and add up to a quarter of it, so that
 * the clients of a relay do not all come back in the same moment. */
static void
later(struct place *p)
{
	uint8_t random;

	p->pause = p->pause == 0 ? AGAIN_MS : p->pause * 2;
	if (p->pause > AGAIN_MAX_MS)
		p->pause = AGAIN_MAX_MS;
	if (getrandom(&random, 1, GRND_NONBLOCK) != 1)
		random = 0;
	p->again = clock_ms() + p->pause + p->pause * random / 1024;
}

/* The relay cannot be reached, or refuses: tell the person once. */
static void
trouble(struct lobby *l, const struct fault *f)
{
	if (!l->told)
		l->why = *f;
	if (l->how.listener && !l->told && l->how.tell)
		l->how.tell("%s", f->text);
	l->told = 1;
}

/* Say in a sentence why a seat was refused or lost. */
static void
explain(const struct lobby *l, const struct place *p, struct fault *f)
{
	const struct seat *s = &p->seat;

	if (s->state == SEAT_LOST) {
		errno = s->error;
		if (s->error && s->error != EPROTO)
			fault_sys(f, X_SYS, "%s port %d: cannot connect",
			    l->how.relay, l->how.port);
		else
			fault(f, X_SYS,
			    s->error ? "%s port %d: not a relay"
			             : "%s port %d hung up",
			    l->how.relay, l->how.port);
		return;
	}
	if (s->refusal == 'f' && !meet_is_number(p->room->id))
		fault(f, X_SYS, "another chat-meet is in this room");
	else if (s->refusal == 'f')
		fault(f, X_SYS, "room %.9s is taken: agree on a new code",
		    (const char *)p->room->id);
	else if (s->refusal == 'k')
		fault(f, X_PEER, "the other side waits for %s",
		    p->room->udp ? "a stream, not for datagrams"
		                 : "datagrams (chat-video), not for a stream");
	else if (s->refusal == 'l' || s->refusal == 'b')
		fault(f, X_SYS, "%s refuses: %s", l->how.relay,
		    s->refusal == 'b' ? "it is full"
		                      : "too many from this address");
	else
		fault(f, X_USE, "%s speaks an older (or newer) protocol",
		    l->how.relay);
}

/* A seat was refused or lost.  A listener tries again, unless the relay would
 * give the same answer.  -1 and a fault: give up. */
static int
failed(struct lobby *l, struct place *p, struct fault *f)
{
	int taken = p->seat.state == SEAT_REFUSED && p->seat.refusal == 'f';
	int same = l->how.listener && taken && p->was_in;
	int refused = p->seat.state == SEAT_REFUSED;
	struct fault why;

	explain(l, p, &why);
	if (!same || p->pause)
		trouble(l, &why);
	/* A caller may still be answered on the LAN. */
	(l->how.listener ? seat_close : seat_leave)(&p->seat);
	if (l->how.listener
	        ? why.code == X_USE ||
	              (taken && !same && meet_is_number(p->room->id))
	        : refused && (!taken || p->room->what == 'c')) {
		*f = why;
		return -1;
	}
	if (!l->how.listener) {
		p->lost = refused ? REFUSED : UNREACHED;
		return 0;
	}
	later(p);
	ask_name(l);
	return 0;
}

/* Take the relay's addresses, once they are looked up. */
static int
learn(struct lobby *l, struct fault *f)
{
	struct fault why;
	int i;

	if (!l->lookup || (lookup_fd(l->lookup) != -1 &&
	                      io_wait(lookup_fd(l->lookup), POLLIN, 0) <= 0))
		return 0;
	i = lookup_end(l->lookup, &l->relay, &why);
	l->lookup = NULL;
	if (i == 0)
		return 0;
	trouble(l, &why);
	if (l->how.listener && why.code == X_USE) {
		*f = why;
		return -1;
	}
	for (i = 0; i < l->n; i++) {
		if (!l->how.listener)
			l->place[i].lost = UNREACHED;
		later(&l->place[i]);
	}
	return 0;
}

/* Open its sockets, for the relay and the LAN alike: by which of the two each
 * side hears of the other first does not matter.  0, or -1 and a fault. */
static int
ready(const struct lobby *l, struct place *p, struct fault *f)
{
	if (p->seat.kind)
		return 0;
	p->seat.room = *p->room;
	return seat_open(&p->seat, &l->how.seat, f);
}

/* Enter a room, or leave one whose time is over. */
static int
keep(struct lobby *l, struct place *p, struct fault *f)
{
	struct seat *s = &p->seat;

	if (!holds(p)) {
		seat_close(s);
		return 0;
	}
	if (s->state != SEAT_EMPTY || l->lookup || p->lost != TRYING ||
	    clock_ms() < p->again)
		return 0;
	if (l->relay.n == 0) {
		ask_name(l);
		return 0;
	}
	if (ready(l, p, f) == -1)
		return -1;
	seat_call(s, &l->how.seat, &l->relay);
	return 0;
}

static struct place *
by_tag(struct lobby *l, const struct meet_lan *m)
{
	int i;

	for (i = 0; i < l->n; i++)
		if (holds(&l->place[i]) &&
		    l->place[i].room->udp == (m->kind == 'u') &&
		    memcmp(l->place[i].room->lan, m->tag, MEET_ROOM) == 0)
			return &l->place[i];
	return NULL;
}

static int
was_answered(struct lobby *l, const uint8_t *token)
{
	unsigned i;

	for (i = 0; i < TOKENS; i++)
		if (memcmp(l->asker[i], token, MEET_TOKEN) == 0)
			return 1;
	memcpy(l->asker[l->askers++ % TOKENS], token, MEET_TOKEN);
	return 0;
}

static size_t
lan_message(uint8_t *out, char what, const struct seat *s, const uint8_t *tag)
{
	struct meet_lan m = {.what = what, .kind = s->kind};

	memcpy(m.tag, tag, MEET_ROOM);
	meet_lan_put(out, &m);
	return MEET_LAN + meet_card_put(out + MEET_LAN, &s->card);
}

/* Hand the seat to a meeting on the LAN, and leave the room.  A caller that the
 * relay introduces just now still reaches us: its probes have our token. */
static void
give(struct place *p, struct lobby_met *met, int initiator)
{
	met->seat = p->seat;
	seat_init(&p->seat);
	seat_leave(&met->seat);
	p->again = clock_ms() + REJOIN_MS;
	met->room = *p->room;
	met->lan.initiator = initiator;
}

/* A listener answers a question, with at most as many bytes as that has. */
static int
answer(
    struct lobby *l, int six, struct place *p, size_t n, struct lobby_met *met)
{
	uint8_t out[MEET_LAN + MEET_CARD];
	size_t most = (n - MEET_LAN - 2 - MEET_TOKEN) / MEET_ADDR, len;
	struct fault ignored;
	int fd;

	if (was_answered(l, met->lan.card.token) || ready(l, p, &ignored) == -1)
		return 0;
	give(p, met, 0);
	if ((size_t)met->seat.card.n > most)
		met->seat.card.n = (int)most;
	len = lan_message(out, 'F', &met->seat, p->room->lan);
	fd = met->seat.sock[six];
	if (!p->room->udp || fd == -1)
		fd = l->lan[six];
	(void)sendto(fd, out, len, MSG_DONTWAIT | MSG_NOSIGNAL,
	    (struct sockaddr *)&met->lan.from.ss, met->lan.from.len);
	return 1;
}

/* Hear the LAN: 1 if somebody is met. */
static int
hear_lan(struct lobby *l, int six, struct lobby_met *met)
{
	uint8_t in[MEET_LAN + MEET_CARD_MAX];
	struct meet_lan m;
	struct place *p;
	ssize_t n;

	while (l->lan[six] != -1) {
		met->lan.from = (struct addr){.len = sizeof(met->lan.from.ss)};
		n = recvfrom(l->lan[six], in, sizeof(in), MSG_DONTWAIT,
		    (struct sockaddr *)&met->lan.from.ss, &met->lan.from.len);
		if (n == -1)
			return 0;
		if (meet_lan_get(&m, in, (size_t)n) == -1 ||
		    m.what != (l->how.listener ? 'L' : 'F') ||
		    meet_card_get(&met->lan.card, in + MEET_LAN,
		        (size_t)n - MEET_LAN) == -1)
			continue;
		p = by_tag(l, &m);
		if (!p ||
		    (l->how.listener && !answer(l, six, p, (size_t)n, met)))
			continue;
		if (!l->how.listener && !p->seat.kind)
			continue;
		if (!l->how.listener)
			give(p, met, 1);
		return 1;
	}
	return 0;
}

/* A caller asks for each of its rooms. */
static void
ask_lan(struct lobby *l)
{
	uint8_t out[MEET_LAN + MEET_CARD];
	struct fault ignored;
	struct place *p;
	size_t n;
	int i, six;

	if (l->how.listener || (l->lan[0] == -1 && l->lan[1] == -1) ||
	    clock_ms() < l->lan_next)
		return;
	l->lan_next = clock_ms() + LAN_MS;
	for (i = 0; i < l->n; i++) {
		p = &l->place[i];
		if (p->room->what != 'c' || !holds(p) ||
		    ready(l, p, &ignored) == -1)
			continue;
		n = lan_message(out, 'L', &p->seat, p->room->lan);
		for (six = 0; six < 2; six++)
			if (l->lan[six] != -1)
				lan_ask(l->lan[six], six ? AF_INET6 : AF_INET,
				    out, n);
	}
}

/* A caller without a relay gives up after asking on the LAN for a while. */
static int
hopeless(struct lobby *l, struct fault *f)
{
	int i, trying = 0, unreached = 0;

	for (i = 0; i < l->n; i++) {
		trying |= l->place[i].lost == TRYING;
		unreached |= l->place[i].lost == UNREACHED;
	}
	if (l->how.listener || trying ||
	    (unreached && (l->lan[0] != -1 || l->lan[1] != -1) &&
	        l->why.code == X_SYS &&
	        clock_ms() - l->lan_since < LAN_ALONE_MS))
		return 0;
	*f = l->why;
	return -1;
}

int
lobby_watch(void *lobby, struct pollfd *p, int64_t *wake)
{
	struct lobby *l = lobby;
	int64_t now = clock_ms();
	int n = 0, i;

	if (l->closed)
		return 0;
	for (i = 0; i < 2; i++)
		if (l->lan[i] != -1)
			p[n++] =
			    (struct pollfd){.fd = l->lan[i], .events = POLLIN};
	if (l->lookup)
		p[n++] = (struct pollfd){
		    .fd = lookup_fd(l->lookup), .events = POLLIN};
	/* Look once a second whether a room's time has begun or ended. */
	if (now + 1000 < *wake)
		*wake = now + 1000;
	if (!l->how.listener && l->lan_next < *wake &&
	    (l->lan[0] != -1 || l->lan[1] != -1))
		*wake = l->lan_next;
	for (i = 0; i < l->n; i++) {
		n += seat_watch(&l->place[i].seat, p + n, wake);
		if (l->place[i].seat.state == SEAT_EMPTY && !l->lookup &&
		    holds(&l->place[i]) && l->place[i].lost == TRYING &&
		    l->place[i].again < *wake)
			*wake = l->place[i].again;
	}
	return n;
}

/* Go on with a seat: 1 somebody is met, 0 nothing new, -1 and a fault. */
static int
turn_seat(
    struct lobby *l, struct place *p, struct lobby_met *met, struct fault *f)
{
	struct seat *s = &p->seat;

	if (keep(l, p, f) == -1)
		return -1;
	switch (seat_turn(s, &l->how.seat, &l->relay)) {
	case SEAT_MET:
		met->seat = *s;
		/* The card is a part of the seat's own buffer. */
		if (met->seat.intro.card)
			met->seat.intro.card =
			    met->seat.in + (s->intro.card - s->in);
		met->room = *p->room;
		seat_init(s);
		p->again = 0;
		return 1;
	case SEAT_REFUSED:
	case SEAT_LOST:
		return failed(l, p, f);
	case SEAT_WAITING:
		if (s->waits) {
			p->pause = 0;
			p->was_in = 1;
			l->told = 0;
		}
		return 0;
	default:
		return 0;
	}
}

int
lobby_turn(struct lobby *l, struct lobby_met *met, struct fault *f)
{
	int i, got;

	if (l->closed)
		return 0;
	met->on_lan = 0;
	if (learn(l, f) == -1)
		return -1;
	ask_lan(l);
	for (i = 0; i < 2; i++)
		if (hear_lan(l, i, met)) {
			met->on_lan = 1;
			return 1;
		}
	for (i = 0; i < l->n; i++) {
		got = turn_seat(l, &l->place[i], met, f);
		if (got != 0)
			return got;
	}
	return hopeless(l, f);
}

int
lobby_late(const struct lobby *l, struct fault *f)
{
	if (l->how.listener || !l->told)
		return fault(f, X_TIME, "nobody came");
	*f = l->why;
	return -1;
}

void
lobby_close(void *lobby)
{
	struct lobby *l = lobby;
	int i;

	for (i = 0; i < l->n; i++)
		seat_close(&l->place[i].seat);
	for (i = 0; i < 2; i++)
		l->lan[i] = fd_drop(l->lan[i]);
	l->closed = 1;
}

void
lobby_reopen(struct lobby *l)
{
	if (!l->closed)
		return;
	l->closed = 0;
	open_lan(l);
}

int
lobby_query(const struct lobby_how *how, const char *number, int64_t until,
    struct fault *f)
{
	struct lobby_how alone = *how;
	struct pollfd p[3 + SEAT_FDS];
	struct lobby_met met;
	const struct seat *s;
	struct lobby *l;
	struct room room;
	int64_t wake;
	int n, is_free = -1;

	alone.listener = 0;
	alone.nolan = alone.seat.hidden = 1;
	(void)rooms_one(&room, 'q', number, strlen(number));
	l = lobby_new(&alone, &room, 1, f);
	if (!l)
		return -1;
	s = &l->place->seat;
	fault(f, X_TIME, "%s port %d does not answer", how->relay, how->port);
	/* The relay hangs up after its answer. */
	while (is_free == -1 && clock_ms() < until) {
		n = lobby_turn(l, &met, f);
		is_free = s->waits ? 1 : s->refusal == 'f' ? 0 : -1;
		if (n != 0)
			break;
		wake = until;
		n = lobby_watch(l, p, &wake);
		(void)poll(p, (nfds_t)n, io_left(wake));
	}
	lobby_close(l);
	free(l->place);
	free(l);
	return is_free;
}
