/* mix: SipHash-2-4, so that attackers cannot choose colliding keys of a table.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "meet/mix.h"

static uint64_t
turn(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void
rounds(uint64_t v[static 4], int n)
{
	for (; n > 0; n--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = turn(v[1], 13) ^ v[0];
		v[3] = turn(v[3], 16) ^ v[2];
		v[0] = turn(v[0], 32) + v[3];
		v[2] += v[1];
		v[1] = turn(v[1], 17) ^ v[2];
		v[3] = turn(v[3], 21) ^ v[0];
		v[2] = turn(v[2], 32);
	}
}

/* Read n bytes, least significant first. */
static uint64_t
word(const uint8_t *p, size_t n)
{
	uint64_t w = 0;

	while (n > 0)
		w = w << 8 | p[--n];
	return w;
}

uint64_t
mix(const uint64_t key[static 2], const void *p, size_t n)
{
	uint64_t v[4] = {key[0] ^ 0x736f6d6570736575,
	    key[1] ^ 0x646f72616e646f6d, key[0] ^ 0x6c7967656e657261,
	    key[1] ^ 0x7465646279746573};
	uint64_t last = (uint64_t)n << 56, w;
	const uint8_t *at = p;

	for (; n >= 8; at += 8, n -= 8) {
		w = word(at, 8);
		v[3] ^= w;
		rounds(v, 2);
		v[0] ^= w;
	}
	last |= word(at, n);
	v[3] ^= last;
	rounds(v, 2);
	v[0] ^= last;
	v[2] ^= 0xff;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
