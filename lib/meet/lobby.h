/* lobby: waiting to meet somebody: in rooms of a relay, and on the LAN.
 * SPDX-License-Identifier: ISC */
#ifndef LOBBY_H
#define LOBBY_H

#include <poll.h>
#include <stdint.h>

#include "base/fault.h"
#include "meet/punch.h"
#include "meet/rooms.h"
#include "meet/seat.h"

struct lobby_how {
	struct seat_how seat;
	const char *relay; /* its host */
	int port;
	int listener; /* tries again for ever; answers on the LAN, else asks */
	int nolan;
	/* A sentence for the person: what keeps a listener from the relay. */
	void (*tell)(const char *fmt, ...);
};

/* The other side, for punch. */
struct lobby_met {
	struct seat seat;
	struct room room;
	int on_lan;
	struct punch_lan lan;
};

struct lobby;

/* Wait in those n rooms, which stay the caller's, for the life of the process.
 * NULL and a fault. */
struct lobby *
lobby_new(const struct lobby_how *how, const struct room *rooms, int n,
    struct fault *f);

/* How many descriptors lobby_watch may name. */
int
lobby_fds(const struct lobby *l);

/* Fill in p for poll(2): how many, and no later than *wake (clock_ms()). */
int
lobby_watch(void *lobby, struct pollfd *p, int64_t *wake);

/* See what has come; never waits.  1: the other side is there, and *met is the
 * caller's; the lobby goes on waiting in that room.  0: not yet.  -1 and a
 * fault: the other side cannot come. */
int
lobby_turn(struct lobby *l, struct lobby_met *met, struct fault *f);

/* Time is up: -1, and a fault that says so or what keeps us from the relay. */
int
lobby_late(const struct lobby *l, struct fault *f);

/* Leave all rooms, and enter them again. */
void
lobby_close(void *lobby);
void
lobby_reopen(struct lobby *l);

/* Is that number free?  1 free, 0 taken, -1 and a fault. */
int
lobby_query(const struct lobby_how *how, const char *number, int64_t until,
    struct fault *f);

#endif
