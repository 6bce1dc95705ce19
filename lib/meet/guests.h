/* guests: a relay's clients, from their coming to their going: they wait, meet,
 * and are introduced; then bytes pass between them.
 * SPDX-License-Identifier: ISC */
#ifndef GUESTS_H
#define GUESTS_H

#include <sys/socket.h>

#include "meet/ends.h"
#include "meet/hub.h"

struct guests;

struct guests_count {
	int clients, rooms, pairs;
	uint64_t met, bytes, refused;
};

/* Begin without clients; later ones are added to epoll.  NULL and errno. */
struct guests *
guests_new(const struct hub_how *how, int epoll);

/* Take over an accepted connection from that address. */
void
guests_take(struct guests *all, int fd, const struct sockaddr_storage *from);

/* Handle epoll's events of one client; read the datagrams of all. */
void
guests_event(struct guests *all, void *one, unsigned events);
void
guests_datagrams(struct guests *all);

/* To be called before the events of an epoll_wait(2), at now (ms), and behind
 * them: the second does what is due, and returns how many ms may pass. */
void
guests_begin(struct guests *all, int64_t now);
int
guests_end(struct guests *all);

struct guests_count
guests_count(const struct guests *all);
const struct ends_count *
guests_ends(const struct guests *all);

#endif
