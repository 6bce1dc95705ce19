/* streams: the relay's connection and TCP calls to the other side, until a path
 * is chosen.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
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
#include "meet/streams.h"
#include "meet/place.h"
#include "net/sock.h"

enum {
	DIAL_MS = 100, /* between two calls, at the least: one too early takes
	                * the answer from the one before it */
	DIALS = 8, /* most of an address */
	NEAR_US = 5000,
	LOW_TTL = 2 /* dies between the two routers */
};

void
streams_message(uint8_t out[static MEET_PROBE], char type,
    const uint8_t token[static MEET_TOKEN], const uint8_t *nonce)
{
	struct meet_probe m = {.type = type};

	memcpy(m.token, token, MEET_TOKEN);
	if (nonce)
		memcpy(m.nonce, nonce, MEET_NONCE);
	meet_probe_put(out, &m);
}

int
streams_say(const struct line *l, char type,
    const uint8_t token[static MEET_TOKEN], const uint8_t *nonce)
{
	uint8_t p[MEET_PROBE];

	streams_message(p, type, token, nonce);
	return send(l->fd, p, sizeof(p), MSG_NOSIGNAL | MSG_DONTWAIT) ==
	               sizeof(p)
	           ? 0
	           : -1;
}

int
streams_hear(
    struct line *l, const uint8_t own[static MEET_TOKEN], struct meet_probe *m)
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
	               memcmp(m->token, own, MEET_TOKEN) != 0
	           ? -1
	           : 1;
}

static struct tcp_info
info(int fd)
{
	struct tcp_info i = {0};
	socklen_t len = sizeof(i);

	(void)getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &len);
	return i;
}

int64_t
streams_rtt(const struct line *l)
{
	return info(l->fd).tcpi_rtt;
}

void
streams_add(struct streams *d, const struct addr *at, enum path path)
{
	int i;

	for (i = 0; i < d->ways; i++)
		if (addr_same(&d->way[i].at, at))
			return;
	if (d->ways < STREAMS_WAYS)
		d->way[d->ways++] =
		    (struct streams_way){.at = *at, .path = path, .fd = -1};
}

/* Call a way, from the port where it calls us, so that the calls can cross. */
static void
dial(struct streams *d, struct streams_way *w, int ttl)
{
	(void)fd_drop(w->fd);
	w->fd = seat_dial(d->s, d->how, &w->at, ttl);
}

void
streams_open(struct streams *d, int low)
{
	struct streams_way *w;
	int i;

	for (i = 0; i < 2 && !d->how->hidden; i++)
		if (d->s->sock[i] != -1)
			(void)listen(d->s->sock[i], STREAMS_LINES);
	for (w = d->way; w < d->way + d->ways && low; w++)
		if (w->path == PATH_FOUR)
			dial(d, w, LOW_TTL);
}

void
streams_again(struct streams *d)
{
	struct streams_way *w;

	for (w = d->way; w < d->way + d->ways; w++)
		if (w->fd == -1)
			w->next = 0;
}

/* Has the other side's call crossed this one?  Then it is the connection. */
static int
crossed(int fd)
{
	int state = info(fd).tcpi_state;

	return state == TCP_SYN_RECV || state == TCP_ESTABLISHED;
}

/* How long a call is given: 1.5 times to the other side and back, by the relay;
 * and a random part more, or the two would miss each other in the same way. */
static int64_t
patience(int64_t rtt)
{
	int64_t gap = 3 * rtt;
	uint8_t random;

	if (gap < DIAL_MS * 1000)
		gap = DIAL_MS * 1000;
	if (getrandom(&random, 1, GRND_NONBLOCK) != 1)
		random = 0;
	return gap + gap * random / 1024;
}

void
streams_call(struct streams *d, int full, int64_t rtt)
{
	int64_t now = clock_us();
	struct streams_way *w;

	for (w = d->way; w < d->way + d->ways; w++) {
		if (now < w->next || (w->path == PATH_FOUR && !full) ||
		    w->sent++ >= DIALS || d->first)
			continue;
		w->next = now + patience(rtt);
		if (crossed(w->fd))
			continue;
		d->again |= w->sent > 1;
		dial(d, w, 0);
	}
}

static void
add_line(struct streams *d, int fd, enum path path)
{
	struct streams_line *l = &d->line[d->lines];

	if (d->lines == STREAMS_LINES) {
		close(fd);
		return;
	}
	*l = (struct streams_line){.l.fd = fd, .path = path};
	if (streams_say(&l->l, 'H', d->token, NULL) == -1)
		close(fd);
	else
		d->lines++;
}

/* Accept the calls that have come to a socket. */
static void
take_calls(struct streams *d, int listens)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct meet_addr a;
	int fd;

	while (listens != -1 &&
	       (fd = fd_high(accept4(listens, (struct sockaddr *)&ss, &len,
	            SOCK_CLOEXEC | SOCK_NONBLOCK))) != -1) {
		place_get(&a, &ss);
		sock_tune(fd);
		add_line(d, fd,
		    d->lan || paths_private(&a) ? PATH_LAN
		    : meet_is_v4(&a)            ? PATH_FOUR
		                                : PATH_SIX);
		len = sizeof(ss);
	}
}

/* See whether a call of ours has been answered. */
static void
take_answer(struct streams *d, struct streams_way *w)
{
	struct pollfd p = {.fd = w->fd, .events = POLLOUT};
	socklen_t len = sizeof(int);
	int err = 0, fd = w->fd;

	if (fd == -1 || poll(&p, 1, 0) != 1)
		return;
	(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	w->fd = -1;
	if (err)
		close(fd);
	else
		add_line(d, fd, w->path);
}

/* Read H and U, which has no nonce here, on one.  Is it chosen? */
static int
read_line(struct streams *d, struct streams_line *l)
{
	struct meet_probe m;
	int r = 0;

	while (l->l.fd != -1 &&
	       (r = streams_hear(&l->l, d->s->card.token, &m)) == 1) {
		if (m.type == 'H' && !l->hello) {
			l->hello = 1;
			l->rtt = streams_rtt(&l->l);
			if (d->first == 0)
				d->first = clock_us();
		} else if (m.type == 'U' && !d->initiator && l->hello) {
			return 1;
		}
	}
	if (r == -1)
		l->l.fd = fd_drop(l->l.fd);
	return 0;
}

struct streams_line *
streams_read(struct streams *d)
{
	int i;

	take_calls(d, d->s->sock[0]);
	take_calls(d, d->s->sock[1]);
	for (i = 0; i < d->ways; i++)
		take_answer(d, &d->way[i]);
	for (i = 0; i < d->lines; i++)
		if (read_line(d, &d->line[i]))
			return &d->line[i];
	return NULL;
}

/* Has what we sent there arrived?  Calls that cross at once, or are made again,
 * may pass in one direction alone; of others it is enough that they stand. */
static int
arrived(const struct streams *d, const struct streams_line *l, int64_t rtt)
{
	int unsent = 0;

	/* The kernel may not have an estimate of calls that crossed. */
	return (!d->again && (l->rtt >= NEAR_US || rtt >= NEAR_US)) ||
	       (ioctl(l->l.fd, SIOCOUTQ, &unsent) == 0 && unsent == 0);
}

struct streams_line *
streams_best(struct streams *d, int64_t rtt)
{
	struct streams_line *l, *best = NULL;

	for (l = d->line; l < d->line + d->lines; l++)
		if (l->l.fd != -1 && l->hello && arrived(d, l, rtt) &&
		    (!best || l->path < best->path ||
		        (l->path == best->path && l->rtt < best->rtt)))
			best = l;
	return best;
}

int
streams_watch(const struct streams *d, struct pollfd *p)
{
	int n = 0, i;

	for (i = 0; i < d->lines; i++)
		p[n++] =
		    (struct pollfd){.fd = d->line[i].l.fd, .events = POLLIN};
	for (i = 0; i < d->ways; i++)
		p[n++] = (struct pollfd){.fd = d->way[i].fd, .events = POLLOUT};
	return n;
}

void
streams_close(struct streams *d)
{
	int i;

	for (i = 0; i < d->ways; i++)
		d->way[i].fd = fd_drop(d->way[i].fd);
	for (i = 0; i < d->lines; i++)
		d->line[i].l.fd = fd_drop(d->line[i].l.fd);
}
