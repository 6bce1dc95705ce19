/* pairing: what two identities have in common, and nobody else can compute: the
 * rooms where they meet, and the key of their handshake there (chat-wire(5),
 * MEETING).
 * SPDX-License-Identifier: ISC */
#ifndef PAIRING_H
#define PAIRING_H

#include <stdint.h>

#include "crypto/own.h"

enum { PAIRING_ROOM = 16 };

/* The common secret of our identity and their public key: secret.  0, or -1 as
 * own_dh. */
int
pairing_secret(uint8_t k[static KEY_BYTES], const struct own *own,
    const uint8_t theirs[static KEY_BYTES]);

/* A room depends on these besides. */
struct pairing_at {
	char kind; /* t stream, u datagrams */
	uint16_t port;
	int64_t day; /* since 1970 */
	const uint8_t *listener; /* its public key; NULL: both call */
};

/* The room at a relay, and the tag that is asked for on the LAN. */
void
pairing_room(uint8_t room[static PAIRING_ROOM],
    uint8_t lan[static PAIRING_ROOM], const uint8_t k[static KEY_BYTES],
    const struct pairing_at *at);

/* The key that a handshake there begins with: secret. */
void
pairing_psk(uint8_t psk[static KEY_BYTES], const uint8_t k[static KEY_BYTES]);

/* Is it our key that comes first?  Then we are `a` where both call. */
int
pairing_first(const uint8_t ours[static KEY_BYTES],
    const uint8_t theirs[static KEY_BYTES]);

/* Room and tag that are nobody's. */
void
pairing_nobody(
    uint8_t room[static PAIRING_ROOM], uint8_t lan[static PAIRING_ROOM]);

#endif
