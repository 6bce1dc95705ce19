/* unit-pairing: rooms that two compute alike, and the very bytes.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "crypto/pairing.h"
#include "tap.h"

/* Of the secret keys 1, 2, 3 ... 32 and 101, 102 ... 132, for datagrams, port
 * 2428, day 20000, the second as the listener; made by another implementation,
 * of RFC 7748 and RFC 2104 in Python. */

static const uint8_t want_k[] = {0xeb, 0x01, 0x67, 0xfa, 0xa1, 0xf1, 0x24, 0x8c,
    0x5d, 0xe2, 0x75, 0x4e, 0x35, 0x68, 0xe7, 0xf8, 0x49, 0x1d, 0xd4, 0x2c,
    0xb0, 0x24, 0xc1, 0x13, 0x36, 0x5b, 0x00, 0xce, 0x74, 0xa9, 0xa3, 0x60};
static const uint8_t want_room[] = {0x81, 0x6a, 0x15, 0xf7, 0x73, 0x4e, 0x11,
    0xec, 0xed, 0x80, 0x33, 0x5a, 0x5a, 0xa6, 0x1f, 0xc3};
static const uint8_t want_lan[] = {0x77, 0x6f, 0x73, 0xc4, 0xd7, 0x35, 0x06,
    0x1d, 0xbd, 0x3b, 0x25, 0x1c, 0x8b, 0x23, 0x3c, 0x43};
static const uint8_t want_both[] = {0x19, 0xad, 0x4c, 0xd0, 0x90, 0xb8, 0xa4,
    0x35, 0x9e, 0x88, 0xcc, 0xa3, 0x30, 0xdf, 0x5e, 0xee};
static const uint8_t want_psk[] = {0x18, 0x65, 0x3d, 0xaa, 0x84, 0xb9, 0x74,
    0xe7, 0x90, 0x08, 0xd2, 0x26, 0x9b, 0xe2, 0xbb, 0xae, 0x39, 0x60, 0x59,
    0xc9, 0xeb, 0xa0, 0x71, 0x02, 0x8d, 0xc4, 0xc3, 0x94, 0x00, 0xb6, 0x9b,
    0x97};
static const int first = 1; /* whose public key is the lesser: the first's */

int
main(void)
{
	struct own a, b;
	uint8_t ka[KEY_BYTES], kb[KEY_BYTES], zero[KEY_BYTES] = {0};
	uint8_t room[PAIRING_ROOM], lan[PAIRING_ROOM], psk[KEY_BYTES];
	struct pairing_at at = {'u', 2428, 20000, b.public};
	int i;

	for (i = 0; i < KEY_BYTES; i++) {
		a.secret[i] = (uint8_t)(1 + i);
		b.secret[i] = (uint8_t)(101 + i);
	}
	own_here(&a);
	own_here(&b);
	ok(pairing_secret(ka, &a, b.public) == 0 &&
	        pairing_secret(kb, &b, a.public) == 0 &&
	        memcmp(ka, kb, KEY_BYTES) == 0,
	    "both have the same secret");
	ok(memcmp(ka, want_k, KEY_BYTES) == 0, "K");
	pairing_room(room, lan, ka, &at);
	ok(memcmp(room, want_room, sizeof(room)) == 0, "room");
	ok(memcmp(lan, want_lan, sizeof(lan)) == 0, "LAN tag");
	at.listener = NULL;
	pairing_room(room, lan, kb, &at);
	ok(memcmp(room, want_both, sizeof(room)) == 0, "room of two callers");
	pairing_psk(psk, ka);
	ok(memcmp(psk, want_psk, sizeof(psk)) == 0, "psk");
	ok(pairing_first(a.public, b.public) == first &&
	        pairing_first(b.public, a.public) == !first,
	    "who is a, who is b");
	ok(pairing_secret(ka, &a, zero) == -1, "a key of low order");
	pairing_nobody(room, lan);
	ok(memcmp(room, lan, sizeof(room)) != 0, "nobody's room is random");
	return done();
}
