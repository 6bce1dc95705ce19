/* meet: the messages of chat-relay and chat-meet (chat-wire(5), MEETING).
 * SPDX-License-Identifier: ISC */
#ifndef MEET_H
#define MEET_H

#include <stddef.h>
#include <stdint.h>

enum {
	MEET_PORT = 2426, /* TCP and UDP */
	MEET_HEAD = 26, /* bytes of a JOIN before the card */
	MEET_ROOM = 16,
	MEET_TOKEN = 16,
	MEET_NONCE = 8,
	MEET_PROBE = 32, /* bytes between the peers, and to the relay's UDP */
	MEET_ADDRS = 8, /* most addresses in a card */
	MEET_SEEN =
	    3, /* most that the relay saw of one side: TCP, UDP 4 and 6 */
	MEET_ADDR = 18,
	MEET_CARD = 2 + MEET_TOKEN + MEET_ADDRS * MEET_ADDR,
	MEET_CARD_MAX = 512, /* what a relay carries of later versions */
	MEET_UDP = 22, /* body of M */
	MEET_INTRO = 3 + 2 * MEET_SEEN * (1 + MEET_ADDR) + MEET_CARD_MAX,
	MEET_LAN = 24 /* bytes of a LAN question before the card */
};

/* An address as on the wire: IPv4 is IPv4-mapped IPv6. */
struct meet_addr {
	uint8_t ip[16];
	uint16_t port;
};

/* Is it IPv4? */
int
meet_is_v4(const struct meet_addr *a);

/* Same address and port? */
int
meet_same(const struct meet_addr *a, const struct meet_addr *b);

/* The start of a JOIN. */
struct meet_join {
	char what; /* l listener, c caller, a and b: both call; q: is it free */
	char kind; /* t stream, u datagrams */
	int hidden; /* its addresses are not told to the other side */
	uint8_t room[MEET_ROOM];
	size_t card; /* bytes of the card that follows */
};

enum { MEET_OTHER = -1, MEET_VERSION = -2 };

/* Read the first n bytes of a JOIN: 0 when they are a whole head; 1 when more
 * are needed and these are right so far; MEET_VERSION for another version, or a
 * field of one; MEET_OTHER for anything else. */
int
meet_join_get(struct meet_join *j, const uint8_t *p, size_t n);

/* Write the head.  j->card is at most MEET_CARD_MAX. */
void
meet_join_put(uint8_t out[static MEET_HEAD], const struct meet_join *j);

/* The room of a number of 1 to 9 digits, or of 32 hexadecimal digits.  0, or -1:
 * the text is neither. */
int
meet_room(uint8_t room[static MEET_ROOM], const char *text, size_t n);

/* Is the room a number?  Then anybody can guess it. */
int
meet_is_number(const uint8_t room[static MEET_ROOM]);

/* One side tells this to the other. */
struct meet_card {
	uint8_t
	    token[MEET_TOKEN]; /* what datagrams to this side have in them */
	int n;
	struct meet_addr at[MEET_ADDRS];
};

/* The bytes of a card, and back: 0, or -1 if they are malformed or of another
 * version. */
size_t
meet_card_put(uint8_t out[static MEET_CARD], const struct meet_card *c);
int
meet_card_get(struct meet_card *c, const uint8_t *p, size_t n);

/* An address as the relay sees it. */
struct meet_seen {
	char kind; /* t or u */
	struct meet_addr at;
};

/* The introduction, body of P. */
struct meet_intro {
	char role; /* i initiator, r responder */
	int own_n, other_n;
	struct meet_seen own[MEET_SEEN], other[MEET_SEEN];
	const uint8_t *card; /* the other side's; points into the body */
	size_t card_n;
};

size_t
meet_intro_put(uint8_t out[static MEET_INTRO], const struct meet_intro *m);
int
meet_intro_get(struct meet_intro *m, const uint8_t *p, size_t n);

/* Where the relay takes datagrams, body of M; zeros: as called. */
struct meet_udp {
	uint16_t port;
	uint8_t v4[4], v6[16];
};

void
meet_udp_put(uint8_t out[static MEET_UDP], const struct meet_udp *m);
void
meet_udp_get(struct meet_udp *m, const uint8_t p[static MEET_UDP]);

/* 32 bytes between the peers, or to the relay's UDP and back. */
struct meet_probe {
	char type; /* H hello, p probe, a answer, U use; R registers */
	uint8_t token[MEET_TOKEN]; /* the receiver's; of R the sender's */
	uint8_t nonce[MEET_NONCE]; /* of R the cookie */
};

void
meet_probe_put(uint8_t out[static MEET_PROBE], const struct meet_probe *m);

/* 0, or -1 if p is not 32 bytes of that form. */
int
meet_probe_get(struct meet_probe *m, const uint8_t *p, size_t n);

/* The relay's answer to R: where it came from, and the cookie. */
void
meet_proof_put(uint8_t out[static MEET_PROBE], const struct meet_addr *at,
    const uint8_t cookie[static MEET_NONCE]);
int
meet_proof_get(struct meet_addr *at, uint8_t cookie[static MEET_NONCE],
    const uint8_t *p, size_t n);

/* A question (L) or answer (F) on the LAN; the card follows. */
struct meet_lan {
	char what, kind;
	uint8_t tag[MEET_ROOM];
};

void
meet_lan_put(uint8_t out[static MEET_LAN], const struct meet_lan *m);
int
meet_lan_get(struct meet_lan *m, const uint8_t *p, size_t n);

#endif
