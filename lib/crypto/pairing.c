/* pairing: what two identities have in common, and nobody else can compute: the
 * rooms where they meet, and the key of their handshake there (chat-wire(5),
 * MEETING).
 * SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>

#include "base/be.h"
#include "crypto/pairing.h"

typedef crypto_auth_hmacsha256_state mac;

static void
begin(mac *m, const void *key, size_t n)
{
	crypto_auth_hmacsha256_init(m, key, n);
}

static void
add(mac *m, const void *p, size_t n)
{
	crypto_auth_hmacsha256_update(m, p, n);
}

int
pairing_first(const uint8_t ours[static KEY_BYTES],
    const uint8_t theirs[static KEY_BYTES])
{
	return memcmp(ours, theirs, KEY_BYTES) < 0;
}

int
pairing_secret(uint8_t k[static KEY_BYTES],
    const uint8_t secret[static KEY_BYTES],
    const uint8_t theirs[static KEY_BYTES])
{
	static const char label[] = "chat rooms 1";
	uint8_t s[KEY_BYTES], ours[KEY_BYTES];
	int first;
	mac m;

	if (crypto_scalarmult(s, secret, theirs) == -1)
		return -1;
	key_public(ours, secret);
	first = pairing_first(ours, theirs);
	begin(&m, label, sizeof(label) - 1);
	add(&m, s, sizeof(s));
	add(&m, first ? ours : theirs, KEY_BYTES);
	add(&m, first ? theirs : ours, KEY_BYTES);
	crypto_auth_hmacsha256_final(&m, k);
	sodium_memzero(s, sizeof(s));
	sodium_memzero(&m, sizeof(m));
	return 0;
}

static void
derive(uint8_t out[static PAIRING_ROOM], const char *label,
    const uint8_t k[static KEY_BYTES], const struct pairing_at *at)
{
	static const uint8_t nobody[KEY_BYTES];
	uint8_t all[crypto_auth_hmacsha256_BYTES], number[1 + 2 + 8];
	mac m;

	number[0] = (uint8_t)at->kind;
	be16_put(number + 1, at->port);
	be64_put(number + 3, (uint64_t)at->day);
	begin(&m, k, KEY_BYTES);
	add(&m, label, strlen(label));
	add(&m, number, sizeof(number));
	add(&m, at->listener ? at->listener : nobody, KEY_BYTES);
	crypto_auth_hmacsha256_final(&m, all);
	memcpy(out, all, PAIRING_ROOM);
	sodium_memzero(&m, sizeof(m));
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
	mac m;

	begin(&m, k, KEY_BYTES);
	add(&m, "psk", 3);
	crypto_auth_hmacsha256_final(&m, psk);
	sodium_memzero(&m, sizeof(m));
}

void
pairing_nobody(
    uint8_t room[static PAIRING_ROOM], uint8_t lan[static PAIRING_ROOM])
{
	randombytes_buf(room, PAIRING_ROOM);
	randombytes_buf(lan, PAIRING_ROOM);
}
