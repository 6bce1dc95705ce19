/* flight: the packets in flight: which arrived, which are lost, when to probe.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_FLIGHT_H
#define LINK_FLIGHT_H

#include "link/block.h"

enum { FLIGHT_REFS = 5, FLIGHT_MOST = 1 << 16 };

/* A piece of a packet that must arrive. */
struct flight_ref {
	uint8_t type; /* S, P or W, as in the block */
	uint8_t which; /* S: the stream; P: 0 for i, 1 for j */
	uint16_t n; /* S: bytes; P: the part */
	uint32_t number; /* P */
	uint64_t at; /* S */
};

struct flight_packet {
	int64_t at; /* us, when it went */
	uint32_t bytes; /* on the wire */
	uint8_t state;
	uint8_t asks; /* to be acknowledged */
	uint8_t idle; /* nothing else waited when it went */
	uint8_t guessed; /* lost by a probe, not by what others arrived */
	uint8_t nref;
	struct flight_ref ref[FLIGHT_REFS];
};

/* The content of an acknowledgement. */
struct flight_news {
	int64_t rtt; /* us, of the newest; 0: it tells no time */
	uint32_t oneway;
	int64_t sent_at; /* of the newest */
	int idle; /* of the newest */
	uint32_t arrived, lost; /* packets */
	uint32_t bytes; /* that arrived */
	int64_t lost_at; /* when the newest of the lost went; 0: none */
	int64_t gap; /* us of waiting for it */
	int round; /* what went after the last round has arrived */
};

struct flight {
	struct flight_packet *p;
	size_t size; /* of p, a power of two */
	uint64_t next; /* number */
	uint64_t low; /* the lowest that is under way */
	uint64_t high; /* the highest that arrived */
	int any; /* has one? */
	uint32_t bytes; /* under way */
	uint64_t delivered; /* bytes in all */
	uint64_t round_end;
	int64_t round_at;
	int64_t last_kept; /* when something went that must arrive */
	int64_t progress; /* when the last news came */
	int64_t waits_since; /* when one went while none was under way */
	/* How late is lost. */
	int shift;
	unsigned reordered;
	int64_t eased_at;
	unsigned probes;
	uint32_t guesses; /* packets given up by them since the last news */
	double loss; /* 0 to 1, an average over weight packets */
	uint32_t weight;
	unsigned long resent_for_nothing;
	/* A piece arrived (there is 1) or is lost (0). */
	void (*settle)(void *arg, const struct flight_ref *r, int there);
	void *arg;
};

/* 0, or -1: no memory. */
int
flight_init(struct flight *f, int64_t now);
void
flight_free(struct flight *f);

/* 1 if there is room for another packet, else 0. */
int
flight_room(const struct flight *f);

/* A packet is sent, with the number f->next.  0, or -1: no memory. */
int
flight_add(struct flight *f, const struct flight_packet *p);

/* An acknowledgement came; least is the least round trip.  1: it has news; 0:
 * none, or it is about packets never sent. */
int
flight_acked(struct flight *f, const struct block_ack *a, int64_t least,
    struct flight_news *news, int64_t now);

/* When to probe if nothing is heard: patience us after the last packet or
 * acknowledgement, a little more each time.  INT64_MAX: nothing is in
 * flight. */
int64_t
flight_probe_at(const struct flight *f, int64_t patience);

/* Give up the oldest packet that must arrive and was sent more than rtt ago;
 * from the second time on all such. */
void
flight_probe(struct flight *f, int64_t rtt, int64_t now);

/* Was nothing acknowledged for so long, us, of what was sent before? */
int
flight_silent(const struct flight *f, int64_t us, int64_t now);

#endif
