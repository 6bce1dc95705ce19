/* pairing: secrets that only two identities can compute: the rooms where they
 * meet, and the key of their handshake there (chat-wire(5), MEETING).
 * SPDX-License-Identifier: ISC */
#ifndef PAIRING_H
#define PAIRING_H

#include <stdint.h>

#include "crypto/own.h"

enum { PAIRING_ROOM = 16 };

/* The secret shared by our identity and their public key.  0, or -1 as
 * own_dh. */
int
pairing_secret(uint8_t k[static KEY_BYTES], const struct own *own,
    const uint8_t theirs[static KEY_BYTES]);

/* Further inputs of a room's key. */
struct pairing_at {
	char kind; /* t stream, u datagrams */
	uint16_t port;
	int64_t day; /* since 1970 */
	const uint8_t *listener; /* the listener's key; NULL: both call */
};

/* Derive the room at a relay, and the tag asked for on the LAN. */
void
pairing_room(uint8_t room[static PAIRING_ROOM],
    uint8_t lan[static PAIRING_ROOM], const uint8_t k[static KEY_BYTES],
    const struct pairing_at *at);

/* Derive the psk of a handshake there; keep it secret. */
void
pairing_psk(uint8_t psk[static KEY_BYTES], const uint8_t k[static KEY_BYTES]);

/* 1 if our key sorts first: we are then `a` where both call.  Else 0. */
int
pairing_first(const uint8_t ours[static KEY_BYTES],
    const uint8_t theirs[static KEY_BYTES]);

/* A random room and tag, which nobody is in. */
void
pairing_nobody(
    uint8_t room[static PAIRING_ROOM], uint8_t lan[static PAIRING_ROOM]);

#endif
