/* seat: a place in a room of a relay: the sockets, JOIN, and the relay's
 * messages up to the introduction.
 * SPDX-License-Identifier: ISC */
#ifndef SEAT_H
#define SEAT_H

#include <poll.h>
#include <stdint.h>

#include "base/fault.h"
#include "meet/meet.h"
#include "meet/rooms.h"
#include "net/addr.h"

enum {
	SEAT_RELAYS = 8, /* most addresses of a relay that are tried */
	SEAT_FDS = 2 + SEAT_RELAYS /* most descriptors a seat polls */
};

/* Common to all seats. */
struct seat_how {
	int family; /* AF_UNSPEC, AF_INET, AF_INET6 */
	const struct addr *source; /* our address to use; NULL: any */
	int hidden; /* relayed only: do not tell the other side our addresses */
	int nolan; /* tell no address of this LAN */
};

/* The addresses of the relay. */
struct relay_at {
	struct addr at[SEAT_RELAYS];
	int n;
};

enum seat_state {
	SEAT_EMPTY, /* without a connection */
	SEAT_CALLING, /* the relay does not answer yet */
	SEAT_WAITING, /* JOIN is sent */
	SEAT_MET, /* introduced: .intro is filled */
	SEAT_REFUSED, /* .refusal says why */
	SEAT_LOST /* .error says why: errno, 0 if the relay hung up */
};

/* Where datagrams of one family are registered. */
struct seat_reg {
	struct addr to; /* .len == 0: nowhere */
	uint8_t cookie[MEET_NONCE];
	int answered, proven;
};

struct seat {
	struct room room;
	char kind;
	enum seat_state state;
	int hub; /* the connection to the relay; -1: none */
	int waits; /* the relay says that the other side is not there yet */
	int try[SEAT_RELAYS]; /* sockets that are connecting */
	int tries;
	int64_t called; /* clock_ms() */
	int sock[2]; /* IPv4, IPv6: for datagrams, or where TCP calls come in */
	struct meet_card card; /* our card */
	struct meet_addr own[ADDR_OWN]; /* this machine's addresses */
	int own_n;
	struct seat_reg reg[2];
	int64_t reg_next, reg_since;
	uint8_t in[3 + MEET_INTRO];
	size_t got;
	char refusal;
	int error;
	struct meet_intro intro; /* its card points into in */
};

/* Begin a seat without sockets, in no room. */
void
seat_init(struct seat *s);

/* Open its sockets, of the room's kind, and make a token and so its card.  0,
 * or -1 and a fault. */
int
seat_open(struct seat *s, const struct seat_how *how, struct fault *f);

/* Begin to call the relay; seat_turn continues. */
void
seat_call(struct seat *s, const struct seat_how *how, const struct relay_at *r);

/* Fill in p for poll(2): how many, and lower *wake (clock_ms). */
int
seat_watch(const struct seat *s, struct pollfd *p, int64_t *wake);

/* Handle input, and do what is due; never waits. */
enum seat_state
seat_turn(struct seat *s, const struct seat_how *how, const struct relay_at *r);

/* Register with the relay's UDP if that is due.  And handle a datagram: 1 if it
 * was the relay's answer. */
void
seat_register(struct seat *s, int64_t now);
int
seat_registered(struct seat *s, int family, const uint8_t *p, size_t n,
    const struct addr *from);

/* Leave the relay; the seat keeps its sockets and its card. */
void
seat_leave(struct seat *s);

/* Close all sockets. */
void
seat_close(struct seat *s);

/* Send p to an address from the socket of its family.  Errors count as loss. */
void
seat_send(const struct seat *s, const struct addr *to, const void *p, size_t n);

/* Call an address from the port where TCP calls come in.  A nonblocking socket,
 * whose first packet has that IP_TTL (0: the usual one), or -1 and errno. */
int
seat_dial(const struct seat *s, const struct seat_how *how,
    const struct addr *to, int ttl);

#endif
