/* probes: datagrams to the other side's addresses, and its own, until a path is
 * chosen.
 * SPDX-License-Identifier: ISC */
#ifndef PROBES_H
#define PROBES_H

#include "meet/paths.h"
#include "meet/seat.h"

enum {
	PROBES_WAYS = 24,
	PROBES_KEPT = 256 /* probes of either side that are remembered */
};

/* An address that is tried. */
struct probes_way {
	struct addr at;
	enum path path;
	int64_t next; /* us: the next probe */
	int sent, heard;
	int good; /* has answered */
	int64_t rtt; /* us */
	uint8_t nonce[MEET_NONCE]; /* of the probe that it answered */
};

/* A probe: ours, or one that we have answered. */
struct probes_kept {
	uint8_t nonce[MEET_NONCE];
	int way;
	int64_t at;
};

struct probes {
	/* Set at the beginning, all else being zeros: */
	struct seat *s;
	const struct seat_how *how;
	const uint8_t *token; /* theirs */
	int initiator;
	int64_t first; /* us: when a direct way had answered; 0: not yet */
	struct probes_way way[PROBES_WAYS];
	int ways;
	struct probes_kept ours[PROBES_KEPT], theirs[PROBES_KEPT];
	unsigned ours_n, theirs_n;
};

/* Try an address, if that may be: its way, or NULL. */
struct probes_way *
probes_add(struct probes *p, const struct addr *at, enum path path);

/* Open our own router for the other side's address, with packets that die on
 * the way: some give a port to another if a packet comes there before. */
void
probes_open(struct probes *p);

/* Send what is due; full: to observed IPv4 addresses, too. */
void
probes_send(struct probes *p, int full);

/* Read what has come, up to the first datagram for the program, which stays
 * where it is.  The way that the initiator has chosen, or NULL. */
const struct probes_way *
probes_read(struct probes *p);

/* The way of the initiator's probe with that nonce, or NULL. */
const struct probes_way *
probes_chosen(const struct probes *p, const uint8_t nonce[static MEET_NONCE]);

/* The best that has answered, or NULL. */
const struct probes_way *
probes_best(const struct probes *p);

/* Tell the other side that this way is chosen. */
void
probes_use(const struct probes *p, const struct probes_way *w);

/* The seat's socket, connected to that way; from now on the kernel drops late
 * probes.  -1 and errno. */
int
probes_connect(const struct probes *p, const struct probes_way *w);

#endif
