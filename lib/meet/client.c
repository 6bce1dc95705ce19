/* client: a relay's end of one connection: what the client says before it is
 * introduced, and what it is told.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "meet/client.h"
#include "meet/place.h"
#include "meet/proxy.h"

_Static_assert((int)MEET_HEAD <= 32 && (int)PROXY_HEAD <= 32, "struct client");

int
client_begin(
    struct client *c, int fd, const struct sockaddr_storage *from, int epoll)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};

	c->fd = fd;
	c->epoll = epoll;
	c->events = e.events;
	place_get(&c->at, from);
	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
}

void
client_end(struct client *c)
{
	close(c->fd);
	free(c->card);
	c->card = NULL;
}

void
client_watch(struct client *c, unsigned events)
{
	struct epoll_event e = {.events = events, .data.ptr = c};

	if (c->events == events)
		return;
	c->events = events;
	(void)epoll_ctl(c->epoll, EPOLL_CTL_MOD, c->fd, &e);
}

void
client_tell(const struct client *c, char type, const uint8_t *body, size_t n)
{
	uint8_t m[3 + MEET_INTRO];

	m[0] = (uint8_t)type;
	m[1] = (uint8_t)(n >> 8);
	m[2] = (uint8_t)n;
	if (n)
		memcpy(m + 3, body, n);
	(void)send(c->fd, m, n + 3, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Read until there are n bytes of it. */
static enum client_said
fill(struct client *c, uint8_t *to, size_t n)
{
	ssize_t got;

	while (c->got < n) {
		got = recv(c->fd, to + c->got, n - c->got, MSG_DONTWAIT);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1 && errno == EAGAIN)
			return CLIENT_MORE;
		if (got <= 0)
			return CLIENT_GONE;
		c->got += (size_t)got;
	}
	return CLIENT_DONE;
}

/* The header is gathered in c->card, which is unused before JOIN. */
enum client_said
client_proxy(struct client *c)
{
	enum client_said said;
	int n;

	if (!c->card) {
		said = fill(c, c->in, PROXY_HEAD);
		if (said != CLIENT_DONE)
			return said;
		if (proxy_head(c->in) != -1)
			c->card = malloc(PROXY_HEAD + PROXY_MAX);
		if (!c->card)
			return CLIENT_GONE;
		memcpy(c->card, c->in, PROXY_HEAD);
	}
	n = proxy_head(c->card);
	said = fill(c, c->card, PROXY_HEAD + (size_t)n);
	if (said != CLIENT_DONE)
		return said;
	if (proxy_get(&c->at, c->card, (size_t)n) == -1)
		return CLIENT_GONE;
	free(c->card);
	c->card = NULL;
	c->got = 0;
	return CLIENT_DONE;
}

enum client_said
client_join(struct client *c)
{
	enum client_said said;
	int good;

	if (!c->card) {
		said = fill(c, c->in, MEET_HEAD);
		good = meet_join_get(&c->join, c->in, c->got);
		if (said == CLIENT_GONE || good == MEET_OTHER)
			return CLIENT_GONE;
		if (good == MEET_VERSION)
			return CLIENT_VERSION;
		if (said == CLIENT_MORE)
			return CLIENT_MORE;
		c->got = 0;
		c->card = malloc(c->join.card ? c->join.card : 1);
		if (!c->card)
			return CLIENT_GONE;
	}
	return fill(c, c->card, c->join.card);
}

enum client_said
client_go(struct client *c, int64_t now)
{
	char byte;
	ssize_t n = recv(c->fd, &byte, 1, MSG_DONTWAIT);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return CLIENT_MORE;
	if (n != 1 || byte != 'G' || c->ready || c->join.kind != 'u')
		return CLIENT_GONE;
	c->ready = now;
	return CLIENT_DONE;
}
