/* unit-noise: what the vectors do not show: bytes changed, keys of low order,
 * messages out of turn.
 * SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/noise.h"
#include "tap.h"

static const struct {
	const char *name;
	enum noise_pattern pattern;
	int messages;
} all[] = {{"X", NOISE_X, 1}, {"XX", NOISE_XX, 3}, {"XXpsk0", NOISE_XXPSK0, 3}};

enum { BUF = 256, MESSAGES = 3 };

static uint8_t s[2][NOISE_KEY], spub[2][NOISE_KEY], psk[NOISE_KEY];

static int
begin(struct noise *x, int i, enum noise_pattern pattern, int cipher,
    const char *prologue)
{
	/* [0] is the responder's, as x->initiator is 0. */
	const uint8_t *rs = i && pattern == NOISE_X ? spub[0] : NULL;

	return noise_begin(x, pattern, cipher, i, (const uint8_t *)prologue,
	    strlen(prologue), s[i], rs, pattern == NOISE_XXPSK0 ? psk : NULL);
}

/* Speak until message `at` is to be read: who reads it, and the message. */
static ssize_t
speak(struct noise x[2], int at, uint8_t *msg)
{
	uint8_t got[BUF];
	ssize_t n;
	int i;

	for (i = 0;; i++) {
		n = noise_write(&x[~i & 1], msg, (const uint8_t *)"payload", 7);
		if (n == -1 || i == at)
			return n;
		if (noise_read(&x[i & 1], got, msg, (size_t)n) != 7)
			return -1;
	}
}

/* Go on with the handshake after a message was changed.  1 if both came to
 * the same keys, as if nothing were wrong. */
static int
finish(struct noise x[2], int at, int messages, const uint8_t *bad, size_t n)
{
	uint8_t msg[BUF], got[BUF];
	struct aead k[4];
	ssize_t len = (ssize_t)n;
	int i;

	memcpy(msg, bad, n);
	for (i = at; i < messages; i++) {
		if (i > at)
			len = noise_write(&x[~i & 1], msg, NULL, 0);
		if (len == -1 ||
		    noise_read(&x[i & 1], got, msg, (size_t)len) == -1)
			return 0;
	}
	noise_split(&x[0], &k[0], &k[1]);
	noise_split(&x[1], &k[2], &k[3]);
	return memcmp(k[0].key, k[3].key, AEAD_KEY) == 0 ||
	       memcmp(k[1].key, k[2].key, AEAD_KEY) == 0;
}

/* Flip every bit of every byte of every message, and cut each anywhere. */
static void
flipped(int which, int cipher)
{
	struct noise x[2], y[2];
	uint8_t msg[BUF], bad[BUF];
	int at, bit, unseen = 0, cut = 0, tried = 0;
	ssize_t n, i;

	for (at = 0; at < all[which].messages; at++) {
		begin(&x[0], 0, all[which].pattern, cipher, "p");
		begin(&x[1], 1, all[which].pattern, cipher, "p");
		n = speak(x, at, msg);
		for (i = 0; i < n; i++) {
			for (bit = 0; bit < 8; bit++) {
				memcpy(y, x, sizeof(y));
				memcpy(bad, msg, (size_t)n);
				bad[i] ^= (uint8_t)(1 << bit);
				tried++;
				unseen += finish(
				    y, at, all[which].messages, bad, (size_t)n);
			}
			memcpy(y, x, sizeof(y));
			cut +=
			    finish(y, at, all[which].messages, msg, (size_t)i);
		}
		memcpy(y, x, sizeof(y));
		memcpy(bad, msg, (size_t)n);
		bad[n] = 0;
		cut += finish(y, at, all[which].messages, bad, (size_t)n + 1);
	}
	ok(tried > 500 && !unseen, "%s, %s: any bit flipped is noticed",
	    all[which].name, aead_name(cipher));
	ok(!cut, "%s, %s: so is a message cut or longer", all[which].name,
	    aead_name(cipher));
}

static void
prologue(int which, int cipher)
{
	struct noise x[2];
	uint8_t msg[BUF];
	ssize_t n;

	begin(&x[0], 0, all[which].pattern, cipher, "one");
	begin(&x[1], 1, all[which].pattern, cipher, "two");
	n = speak(x, 0, msg);
	ok(n > 0 && !finish(x, 0, all[which].messages, msg, (size_t)n),
	    "%s, %s: another prologue", all[which].name, aead_name(cipher));
}

static void
turns(int which, int cipher)
{
	struct noise x[2], y;
	uint8_t msg[BUF], got[BUF];
	int at, early = 0, late;
	ssize_t n = 0;

	begin(&x[0], 0, all[which].pattern, cipher, "p");
	begin(&x[1], 1, all[which].pattern, cipher, "p");
	for (at = 0; at < all[which].messages; at++) {
		y = x[at & 1];
		early += noise_done(&y) || noise_write(&y, msg, NULL, 0) != -1;
		n = noise_write(&x[~at & 1], msg, NULL, 0);
		y = x[~at & 1];
		early += noise_read(&y, got, msg, (size_t)n) != -1;
		early += noise_read(&x[at & 1], got, msg, (size_t)n) != 0;
	}
	late = !noise_done(&x[0]) || !noise_done(&x[1]) ||
	       noise_write(&x[0], msg, NULL, 0) != -1 ||
	       noise_write(&x[1], msg, NULL, 0) != -1 ||
	       noise_read(&x[0], got, msg, (size_t)n) != -1 ||
	       noise_read(&x[1], got, msg, (size_t)n) != -1;
	ok(!early && !late,
	    "%s, %s: nothing out of turn, nothing after the end",
	    all[which].name, aead_name(cipher));
}

/* The seven encodings of RFC 7748's curve whose multiples are all zero. */
static void
low_order(int cipher)
{
	static const char *const hex[] = {
	    "0000000000000000000000000000000000000000000000000000000000000000",
	    "0100000000000000000000000000000000000000000000000000000000000000",
	    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
	struct noise x[2];
	uint8_t low[NOISE_KEY], msg[BUF], got[BUF];
	int e = 0, static_key = 0;
	size_t i;
	ssize_t n;

	for (i = 0; i < sizeof(hex) / sizeof(*hex); i++) {
		sodium_hex2bin(low, sizeof(low), hex[i], 64, NULL, NULL, NULL);
		/* The caller's e in XX: message 2 cannot be written. */
		begin(&x[0], 0, NOISE_XX, cipher, "p");
		e += noise_read(&x[0], got, low, NOISE_KEY) != 0 ||
		     noise_write(&x[0], msg, NULL, 0) != -1;
		/* The listener's e. */
		begin(&x[1], 1, NOISE_XX, cipher, "p");
		noise_write(&x[1], msg, NULL, 0);
		memset(msg, 0, sizeof(msg));
		memcpy(msg, low, NOISE_KEY);
		e += noise_read(&x[1], got, msg, 96) != -1;
		/* A recipient of such a key, for whom nothing is sealed. */
		n = noise_begin(
		    &x[1], NOISE_X, cipher, 1, low, 0, s[1], low, NULL);
		static_key += n != 0 || noise_write(&x[1], msg, NULL, 0) != -1;
	}
	ok(!e, "%s: an ephemeral key of low order is refused",
	    aead_name(cipher));
	ok(!static_key, "%s: so is a static one", aead_name(cipher));
}

static void
fresh(int which, int cipher)
{
	struct noise x[2];
	uint8_t one[BUF], two[BUF];
	ssize_t n;

	begin(&x[1], 1, all[which].pattern, cipher, "p");
	n = noise_write(&x[1], one, NULL, 0);
	begin(&x[1], 1, all[which].pattern, cipher, "p");
	ok(noise_write(&x[1], two, NULL, 0) == n &&
	        memcmp(one, two, NOISE_KEY) != 0,
	    "%s, %s: another handshake, another first message", all[which].name,
	    aead_name(cipher));
}

static void
is_hex(const uint8_t key[static NOISE_KEY], const char *text, const char *what)
{
	char hex[2 * NOISE_KEY + 1];

	sodium_bin2hex(hex, sizeof(hex), key, NOISE_KEY);
	ok(strcmp(hex, text) == 0, "chat-wire(5)'s example: %s", what);
}

/* The keys that chat-wire(5)'s examples end with. */
static void
page(void)
{
	static const uint8_t prologue[8] = {'c', 'h', 'a', 't', '1', 3, 0, 1};
	static const uint8_t isk[] =
	    "\x63\xee\x86\x86\xb5\x41\x32\x95\x22\x10\x3e\x09\xfd\xa2\xab\x81"
	    "\x72\x56\x17\x7f\xbd\x1b\xda\xf7\x78\x38\x71\x4f\x6c\x48\x6c\x16"
	    "\xa0\x62\x2d\x68\xe7\xfb\xb5\xfb\xc1\xd1\x3d\x4e\x0d\xfa\x64\xc5"
	    "\xf6\xa3\x4f\xff\xe9\x18\xf4\xc1\x07\x8b\x6a\x3d\xd5\xa6\x38\x15";
	uint8_t sec[2][NOISE_KEY], e[2][NOISE_KEY], msg[BUF], none[BUF];
	struct aead out, in;
	struct noise x[2];
	int i;
	ssize_t n;

	for (i = 0; i < NOISE_KEY; i++) {
		sec[1][i] = (uint8_t)(0x01 + i);
		sec[0][i] = (uint8_t)(0x41 + i);
		e[1][i] = (uint8_t)(0x81 + i);
		e[0][i] = (uint8_t)(0xc1 + i);
	}
	for (i = 0; i < 2; i++) {
		noise_begin(&x[i], NOISE_XX, AEAD_CHACHAPOLY, i, prologue,
		    sizeof(prologue), sec[i], NULL, NULL);
		noise_ephemeral(&x[i], e[i]);
	}
	for (i = 1; i < 4; i++) {
		n = noise_write(&x[i & 1], msg, NULL, 0);
		ok(noise_read(&x[!(i & 1)], none, msg, (size_t)n) == 0,
		    "chat-wire(5)'s example: message %d", i);
	}
	noise_split(&x[1], &out, &in);
	aead_rekey(&out);
	aead_rekey(&in);
	is_hex(out.key,
	    "4609c64b91e7c3d6fd4b002c612ce625"
	    "e1f81c17637d00c7088ca86781b07bd0",
	    "the caller's key");
	is_hex(in.key,
	    "7d9c49477b12e1bbfc38439b7f7a76a2"
	    "c69283d2f5f0563400fa2bfca55b8d1a",
	    "the listener's key");
	hash_hmac(msg, isk, 64, "chat1 psk", NULL, 0);
	is_hex(msg,
	    "235cb292da9e77ff0b43c8d04b5ec789"
	    "60907972c44b6023be4b58326ac33f59",
	    "the psk");
	for (i = 0; i < NOISE_KEY; i++)
		msg[i] = (uint8_t)i;
	aead_init(&out, AEAD_CHACHAPOLY, msg);
	aead_rekey(&out);
	is_hex(out.key,
	    "50835543a205b22c9323f2022bc4f67d"
	    "838f90e61d5ccf33c4513e01f85b5042",
	    "the key of the second epoch");
}

int
main(void)
{
	int c, i;

	if (sodium_init() == -1)
		return 111;
	for (i = 0; i < 2; i++) {
		randombytes_buf(s[i], NOISE_KEY);
		crypto_scalarmult_base(spub[i], s[i]);
	}
	randombytes_buf(psk, sizeof(psk));
	page();
	for (c = AEAD_CHACHAPOLY; c <= AEAD_AESGCM; c++) {
		if (!(aead_offer() & c))
			continue;
		low_order(c);
		for (i = 0; i < 3; i++) {
			flipped(i, c);
			prologue(i, c);
			turns(i, c);
			fresh(i, c);
		}
	}
	return done();
}
