/* unit-record: nonces, epochs, lengths; what is not authentic.
 * SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>

#include "base/be.h"
#include "tap.h"
#include "wire/record.h"

static const uint8_t key[AEAD_KEY] = "a key of thirty-two bytes, or so";
static uint8_t wire[RECORD_MAX], plain[RECORD_PLAIN], back[RECORD_PLAIN];

static void
start(struct record *r, int cipher)
{
	memset(r, 0, sizeof(*r));
	aead_init(&r->key, cipher, key);
}

/* 200,000 records: what each is sealed with, by hand. */
static void
epochs(int cipher)
{
	const char *name = aead_name(cipher);
	struct record s, o;
	struct aead hand;
	uint8_t text[8], keys[4][AEAD_KEY];
	int wrong = 0, refused = 0, epoch = 0;
	uint32_t i;
	size_t n;

	start(&s, cipher);
	start(&o, cipher);
	aead_init(&hand, cipher, key);
	memcpy(keys[0], hand.key, AEAD_KEY);
	for (i = 0; i < 3 * RECORD_EPOCH + 2; i++) {
		if (i > 0 && i % RECORD_EPOCH == 0) {
			aead_rekey(&hand);
			memcpy(keys[++epoch], hand.key, AEAD_KEY);
		}
		be64_put(text, i);
		n = record_seal(&s, wire, text, sizeof(text));
		/* The number of the record is its nonce, whatever the key. */
		wrong += n != RECORD_HEAD + sizeof(text) + AEAD_TAG ||
		         aead_open(&hand, i, NULL, 0, back, wire + RECORD_HEAD,
		             n - RECORD_HEAD) == -1 ||
		         memcmp(back, text, sizeof(text)) != 0 ||
		         s.n != i + UINT64_C(1);
		refused += record_open(&o, back, wire, n) != sizeof(text) ||
		           memcmp(back, text, sizeof(text)) != 0;
	}
	ok(!wrong, "%s: each record has the next nonce", name);
	ok(!refused, "%s: the reader follows", name);
	ok(memcmp(keys[0], keys[1], AEAD_KEY) != 0 &&
	        memcmp(keys[1], keys[2], AEAD_KEY) != 0 &&
	        memcmp(keys[0], keys[2], AEAD_KEY) != 0 &&
	        memcmp(s.key.key, keys[3], AEAD_KEY) == 0,
	    "%s: every 65,536 records have a key of their own", name);
}

/* The same bytes twice are not the same on the wire, nor taken twice. */
static void
once(int cipher)
{
	const char *name = aead_name(cipher);
	uint8_t first[64];
	struct record s, o;
	size_t n;

	start(&s, cipher);
	n = record_seal(&s, first, key, 32);
	record_seal(&s, wire, key, 32);
	ok(memcmp(first + RECORD_HEAD, wire + RECORD_HEAD, n - RECORD_HEAD) !=
	        0,
	    "%s: the same bytes differ on the wire", name);
	start(&o, cipher);
	ok(record_open(&o, back, first, n) == 32, "%s: opens", name);
	ok(record_open(&o, back, first, n) == -1, "%s: not twice", name);
	start(&o, cipher);
	ok(record_open(&o, back, wire, n) == -1, "%s: not early", name);
}

/* Any bit of any byte, and any other length, is noticed. */
static void
changed(int cipher)
{
	const char *name = aead_name(cipher);
	uint8_t good[RECORD_HEAD + 5 + AEAD_TAG + 1], bad[sizeof(good)];
	struct record s, o;
	size_t n, i;
	int bit, taken = 0;

	start(&s, cipher);
	n = record_seal(&s, good, key, 5);
	for (i = RECORD_HEAD; i < n; i++)
		for (bit = 0; bit < 8; bit++) {
			start(&o, cipher);
			memcpy(bad, good, n);
			bad[i] ^= (uint8_t)(1 << bit);
			memset(back, 'x', 64);
			taken += record_open(&o, back, bad, n) != -1 ||
			         memcmp(back, key, 5) == 0;
		}
	good[n] = 0;
	for (i = RECORD_HEAD + AEAD_TAG; i <= n + 1; i++) {
		start(&o, cipher);
		taken += i != n && record_open(&o, back, good, i) != -1;
	}
	ok(!taken, "%s: changed, cut or longer: refused, and nothing given out",
	    name);
	start(&s, cipher);
	start(&o, cipher);
	n = record_seal(&s, wire, NULL, 0);
	ok(n == RECORD_HEAD + AEAD_TAG && record_open(&o, back, wire, n) == 0,
	    "%s: the end is an empty record", name);
	start(&s, cipher);
	start(&o, cipher);
	n = record_seal(&s, wire, plain, RECORD_PLAIN);
	ok(n == RECORD_MAX && record_whole(wire, n) == RECORD_MAX &&
	        record_open(&o, wire, wire, n) == RECORD_PLAIN,
	    "%s: the longest record, opened in place", name);
}

static void
lengths(void)
{
	uint32_t len, bad = 0;
	size_t n;
	ssize_t want;

	for (len = 0; len <= UINT16_MAX; len++) {
		be16_put(wire, (uint16_t)len);
		for (n = len; n <= len + 3; n++) {
			want = (ssize_t)len + RECORD_HEAD;
			want = (ssize_t)n < want ? 0 : want;
			if (len < AEAD_TAG)
				want = n < RECORD_HEAD ? 0 : -1;
			bad += record_whole(wire, n) != want;
		}
	}
	ok(!bad, "every length: too short, not all there, whole");
	ok(record_whole(wire, 0) == 0 && record_whole(wire, 1) == 0,
	    "no bytes and one are not enough");
}

int
main(void)
{
	if (sodium_init() == -1)
		return 111;
	lengths();
	epochs(AEAD_CHACHAPOLY);
	once(AEAD_CHACHAPOLY);
	changed(AEAD_CHACHAPOLY);
	if (aead_offer() & AEAD_AESGCM) {
		epochs(AEAD_AESGCM);
		once(AEAD_AESGCM);
		changed(AEAD_AESGCM);
	}
	return done();
}
