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
	    3, /* most that the relay sees of a side: TCP, UDP 4 and 6 */
	MEET_ADDR = 18,
	MEET_CARD = 2 + MEET_TOKEN + MEET_ADDRS * MEET_ADDR,
	MEET_CARD_MAX = 512, /* what a relay carries of later versions */
	MEET_UDP = 22, /* body of M */
	MEET_INTRO = 3 + 2 * MEET_SEEN * (1 + MEET_ADDR) + MEET_CARD_MAX,
	MEET_LAN = 24 /* bytes of a LAN question before the card */
};

/* An address as sent: IPv4 is IPv4-mapped IPv6. */
struct meet_addr {
	uint8_t ip[16];
	uint16_t port;
};

/* 1 if it is IPv4, else 0. */
int
meet_is_v4(const struct meet_addr *a);

/* 1 if address and port are the same, else 0. */
int
meet_same(const struct meet_addr *a, const struct meet_addr *b);

/* The beginning of a JOIN. */
struct meet_join {
	char what; /* l listener, c caller, a and b: both call; q: is it free */
	char kind; /* t stream, u datagrams */
	int hidden; /* do not tell the other side our addresses */
	uint8_t room[MEET_ROOM];
	size_t card; /* bytes of the card after it */
};

enum { MEET_OTHER = -1, MEET_VERSION = -2 };

/* Read the first n bytes of a JOIN: 0 when they are a whole head; 1 when more
 * are needed and these are valid; MEET_VERSION for another version, or a field
 * of one; MEET_OTHER for other data. */
int
meet_join_get(struct meet_join *j, const uint8_t *p, size_t n);

/* Write the head.  j->card is at most MEET_CARD_MAX. */
void
meet_join_put(uint8_t out[static MEET_HEAD], const struct meet_join *j);

/* The room for a number of 1 to 9 digits, or for 32 hexadecimal digits.  0, or
 * -1 if the text is neither. */
int
meet_room(uint8_t room[static MEET_ROOM], const char *text, size_t n);

/* Is the room a number, which anybody can guess? */
int
meet_is_number(const uint8_t room[static MEET_ROOM]);

/* A side's card, which the relay forwards to the other. */
struct meet_card {
	uint8_t token[MEET_TOKEN]; /* stands in datagrams to this side */
	int n;
	struct meet_addr at[MEET_ADDRS];
};

/* Write a card, and read one: 0, or -1 if malformed or of another version. */
size_t
meet_card_put(uint8_t out[static MEET_CARD], const struct meet_card *c);
int
meet_card_get(struct meet_card *c, const uint8_t *p, size_t n);

/* An address of a side as the relay sees it. */
struct meet_seen {
	char kind; /* t or u */
	struct meet_addr at;
};

/* The introduction, body of P. */
struct meet_intro {
	char role; /* i initiator, r responder */
	int own_n, other_n;
	struct meet_seen own[MEET_SEEN], other[MEET_SEEN];
	const uint8_t *card; /* of the other side; points into the body */
	size_t card_n;
};

size_t
meet_intro_put(uint8_t out[static MEET_INTRO], const struct meet_intro *m);
int
meet_intro_get(struct meet_intro *m, const uint8_t *p, size_t n);

/* Where the relay accepts datagrams, body of M; zeros: where it was called. */
struct meet_udp {
	uint16_t port;
	uint8_t v4[4], v6[16];
};

void
meet_udp_put(uint8_t out[static MEET_UDP], const struct meet_udp *m);
void
meet_udp_get(struct meet_udp *m, const uint8_t p[static MEET_UDP]);

/* 32 bytes between the peers, or to the relay's UDP port and back. */
struct meet_probe {
	char type; /* H hello, p probe, a answer, U use; R registers */
	uint8_t token[MEET_TOKEN]; /* the receiver's; in R the sender's */
	uint8_t nonce[MEET_NONCE]; /* in R the cookie */
};

void
meet_probe_put(uint8_t out[static MEET_PROBE], const struct meet_probe *m);

/* 0, or -1 if p does not have that form. */
int
meet_probe_get(struct meet_probe *m, const uint8_t *p, size_t n);

/* The relay's answer to R: the observed address, and the cookie. */
void
meet_proof_put(uint8_t out[static MEET_PROBE], const struct meet_addr *at,
    const uint8_t cookie[static MEET_NONCE]);
int
meet_proof_get(struct meet_addr *at, uint8_t cookie[static MEET_NONCE],
    const uint8_t *p, size_t n);

/* A question (L) or answer (F) on the LAN; a card follows. */
struct meet_lan {
	char what, kind;
	uint8_t tag[MEET_ROOM];
};

void
meet_lan_put(uint8_t out[static MEET_LAN], const struct meet_lan *m);
int
meet_lan_get(struct meet_lan *m, const uint8_t *p, size_t n);

#endif
