/* pairing: secrets that only two identities can compute: the rooms where they
 * meet, and the key of their handshake there (chat-wire(5), MEETING).
 * SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>

#include "base/be.h"
#include "crypto/hash.h"
#include "crypto/pairing.h"

int
pairing_first(const uint8_t ours[static KEY_BYTES],
    const uint8_t theirs[static KEY_BYTES])
{
	return memcmp(ours, theirs, KEY_BYTES) < 0;
}

int
pairing_secret(uint8_t k[static KEY_BYTES], const struct own *own,
    const uint8_t theirs[static KEY_BYTES])
{
	static const char label[] = "chat rooms 1";
	uint8_t all[3 * KEY_BYTES], *lo = all + KEY_BYTES, *hi = lo + KEY_BYTES;
	int first;

	if (own_dh(own, all, theirs) == -1)
		return -1;
	first = pairing_first(own->public, theirs);
	memcpy(first ? lo : hi, own->public, KEY_BYTES);
	memcpy(first ? hi : lo, theirs, KEY_BYTES);
	hash_hmac(
	    k, (const uint8_t *)label, sizeof(label) - 1, "", all, sizeof(all));
	sodium_memzero(all, sizeof(all));
	return 0;
}

static void
derive(uint8_t out[static PAIRING_ROOM], const char *label,
    const uint8_t k[static KEY_BYTES], const struct pairing_at *at)
{
	uint8_t all[1 + 2 + 8 + KEY_BYTES] = {0}, mac[HASH_BYTES];

	all[0] = (uint8_t)at->kind;
	be16_put(all + 1, at->port);
	be64_put(all + 3, (uint64_t)at->day);
	if (at->listener)
		memcpy(all + 11, at->listener, KEY_BYTES);
	hash_hmac(mac, k, KEY_BYTES, label, all, sizeof(all));
	memcpy(out, mac, PAIRING_ROOM);
}

void
pairing_room(uint8_t room[static PAIRING_ROOM],
    uint8_t lan[static PAIRING_ROOM], const uint8_t k[static KEY_BYTES],
    const struct pairing_at *at)
{
	derive(room, "room", k, at);
	derive(lan, "lan", k, at);
}

void
pairing_psk(uint8_t psk[static KEY_BYTES], const uint8_t k[static KEY_BYTES])
{
	hash_hmac(psk, k, KEY_BYTES, "psk", NULL, 0);
}

void
pairing_nobody(
    uint8_t room[static PAIRING_ROOM], uint8_t lan[static PAIRING_ROOM])
{
	randombytes_buf(room, PAIRING_ROOM);
	randombytes_buf(lan, PAIRING_ROOM);
}
