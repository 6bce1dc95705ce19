/* The window against a slow model that is obviously right, and the datagram
 * records over epochs, losses and repeats.
 * SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/be.h"
#include "tap.h"
#include "wire/datagram.h"

enum { STEPS = 1000000, SPAN = 1 << 21 };

static uint8_t seen[SPAN];
static uint64_t state = 88172645463325252u;

static uint64_t
rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void
test_model(void)
{
	static struct datagram_window w;
	uint64_t top = 0, c;
	int i, wrong = 0, taken = 0, refused = 0, want;

	for (i = 0; i < STEPS; i++) {
		switch (rnd() % 16) {
		case 0: /* a jump */
			c = top + rnd() % 10000;
			break;
		case 1: /* long ago */
			c = rnd() % (top + 1);
			break;
		case 2: /* about as old as can be */
			c = top > DATAGRAM_WINDOW + 2
			        ? top - DATAGRAM_WINDOW - 2 + rnd() % 4
			        : 0;
			break;
		default: /* about now */
			c = top + 1 > 40 ? top + 1 - rnd() % 40 : rnd() % 8;
		}
		if (c >= SPAN) {
			memset(&w, 0, sizeof(w));
			memset(seen, 0, sizeof(seen));
			top = c = 0;
		}
		want = !seen[c] && (c > top || top - c < DATAGRAM_WINDOW);
		wrong += datagram_window_fresh(&w, c) != want;
		if (!want) {
			refused++;
			continue;
		}
		datagram_window_take(&w, c);
		seen[c] = 1;
		taken++;
		top = c > top ? c : top;
	}
	ok(wrong == 0, "a million steps as the model says");
	ok(taken > STEPS / 10 && refused > STEPS / 10,
	    "both were tried often: %d taken, %d refused", taken, refused);
	printf("# tries %d\n", taken + refused);
}

static void
test_edges(void)
{
	static struct datagram_window w;

	ok(datagram_window_fresh(&w, 0), "0 is fresh");
	datagram_window_take(&w, 0);
	ok(!datagram_window_fresh(&w, 0), "0 is not, again");
	datagram_window_take(&w, DATAGRAM_WINDOW);
	ok(!datagram_window_fresh(&w, 0) && datagram_window_fresh(&w, 1),
	    "the oldest place");
	datagram_window_take(&w, UINT64_MAX - 1);
	ok(!datagram_window_fresh(&w, UINT64_MAX - 1) &&
	        datagram_window_fresh(&w, UINT64_MAX - 2) &&
	        !datagram_window_fresh(&w, 1),
	    "a jump to the end of all counters");
}

static void
test_packets(int cipher)
{
	static struct datagram_out out;
	static struct datagram_in in;
	static uint8_t early[64], d[64], p[64], bad[64];
	uint8_t key[AEAD_KEY] = {7};
	size_t n, i;
	int wrong = 0;

	if (!(aead_offer() & cipher)) {
		ok(1, "%s # SKIP not here", aead_name(cipher));
		return;
	}
	memset(&in, 0, sizeof(in));
	aead_init(&out.key, cipher, key);
	aead_init(&in.key, cipher, key);
	out.n = 0;
	n = datagram_seal(&out, early, (const uint8_t *)"first", 5);
	ok(n == 5 + DATAGRAM_OVERHEAD, "%s: length", aead_name(cipher));
	for (i = 0; i < 8 * n; i++) {
		memcpy(bad, early, n);
		bad[i / 8] ^= (uint8_t)(1 << i % 8);
		wrong += datagram_open(&in, p, bad, n) >= 0;
	}
	for (i = 0; i < n; i++)
		wrong += datagram_open(&in, p, early, i) >= 0;
	ok(wrong == 0, "every bit and every length matters");
	ok(datagram_open(&in, p, early, n) == 5 && memcmp(p, "first", 5) == 0,
	    "opened after all these");
	ok(datagram_open(&in, p, early, n) == DATAGRAM_OLD, "once only");

	/* Five epochs, nearly all lost. */
	while (out.n < (uint64_t)5 << DATAGRAM_EPOCH) {
		n = datagram_seal(&out, d, (const uint8_t *)"x", 1);
		if (out.n % 500000 == 0 && datagram_open(&in, p, d, n) != 1)
			wrong++;
	}
	ok(wrong == 0 && in.epoch == 4, "five epochs");
	n = datagram_seal(&out, d, NULL, 0);
	ok(datagram_open(&in, p, d, n) == 0, "a sign of life");
	ok(in.epoch == 5, "the epoch's first record renews the key");
	memcpy(bad, d, n);
	bad[2] = 1; /* an epoch far ahead */
	ok(datagram_open(&in, p, bad, n) == DATAGRAM_FALSE && in.epoch == 5,
	    "no work for what cannot be");
	ok(datagram_open(&in, p, early, 5 + DATAGRAM_OVERHEAD) == DATAGRAM_OLD,
	    "nothing from long ago");
}

/* Some epochs ahead, after records that only pretend to be. */
static void
test_ahead(unsigned first, unsigned second)
{
	static struct datagram_out out;
	static struct datagram_in in;
	static uint8_t d[64], p[64], before[64], bad[24];
	uint8_t key[AEAD_KEY] = {9};
	unsigned i, wrong = 0;
	size_t n, m;

	memset(&in, 0, sizeof(in));
	aead_init(&out.key, AEAD_CHACHAPOLY, key);
	in.key = out.key;
	for (i = 0; i < first; i++)
		aead_rekey(&out.key);
	out.n = ((uint64_t)(first + 1) << DATAGRAM_EPOCH) - 5;
	n = datagram_seal(&out, d, (const uint8_t *)"far", 3);
	m = datagram_seal(&out, before, (const uint8_t *)"old", 3);
	for (i = 1; i <= DATAGRAM_AHEAD; i++) {
		memset(bad, 0, sizeof(bad));
		be64_put(bad, (uint64_t)i << DATAGRAM_EPOCH);
		wrong += datagram_open(&in, p, bad, 24) != DATAGRAM_FALSE;
	}
	ok(wrong == 0 && in.epoch == 0 && in.derived == DATAGRAM_AHEAD,
	    "%u ahead: nothing but the true one moves the epoch", first);
	ok(datagram_open(&in, p, d, n) == 3 && in.epoch == first &&
	        in.derived == DATAGRAM_AHEAD - first,
	    "the true one does");
	for (i = 0; i < second; i++)
		aead_rekey(&out.key);
	out.n = ((uint64_t)(first + second) << DATAGRAM_EPOCH) + 1;
	n = datagram_seal(&out, d, (const uint8_t *)"more", 4);
	ok(datagram_open(&in, p, d, n) == 4 && in.epoch == first + second,
	    "and so it does %u further", second);
	ok(datagram_open(&in, p, before, m) == (second == 1 ? 3 : DATAGRAM_OLD),
	    "the key before is kept, no other");
}

int
main(void)
{
	if (sodium_init() == -1)
		return 111;
	test_model();
	test_edges();
	test_packets(AEAD_CHACHAPOLY);
	test_packets(AEAD_AESGCM);
	test_ahead(1, 1);
	test_ahead(3, 16);
	test_ahead(16, 1);
	test_ahead(7, 4);
	return done();
}
