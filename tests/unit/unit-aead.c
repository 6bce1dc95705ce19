/* The two engines of aead against each other: random lengths, damaged tags, in
 * place, keys in turn.
 * SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/aead.h"
#include "crypto/aeadfast.h"
#include "tap.h"

enum { MOST = 70000, TRIES = 2000 };

static uint8_t plain[MOST], one[MOST + AEAD_TAG], two[MOST + AEAD_TAG],
    back[MOST];

static void
fill(uint8_t *p, size_t n)
{
	while (n-- > 0)
		*p++ = (uint8_t)random();
}

/* Is p of n bytes all zero? */
static int
blank(const uint8_t *p, size_t n)
{
	while (n > 0 && p[n - 1] == 0)
		n--;
	return n == 0;
}

static void
compare(int cipher)
{
	size_t n, adn, i, same = 0, opened = 0, refused = 0, place = 0;
	struct aead keys[3];
	uint8_t key[AEAD_KEY], ad[40];
	uint64_t nonce;
	struct aead *a;

	for (i = 0; i < 3; i++) {
		fill(key, sizeof(key));
		ok(aead_init(&keys[i], cipher, key) == 0, "a key");
	}
	for (i = 0; i < TRIES; i++) {
		n = (size_t)random() % (i % 10 == 0 ? MOST : 300);
		adn = (size_t)random() % sizeof(ad);
		nonce = (uint64_t)random() << 32 | (uint64_t)random();
		a = &keys[random() % 3];
		if (i % 50 == 0)
			aead_rekey(a);
		fill(plain, n);
		fill(ad, adn);
		aead_engine(NULL);
		aead_seal(a, nonce, ad, adn, one, plain, n);
		(void)aeadfast_use(1);
		aead_seal(a, nonce, ad, adn, two, plain, n);
		same += memcmp(one, two, n + AEAD_TAG) == 0;
		opened += aead_open(a, nonce, ad, adn, back, one,
		              n + AEAD_TAG) == 0 &&
		          memcmp(back, plain, n) == 0;
		/* In place. */
		memcpy(two, plain, n);
		aead_seal(a, nonce, ad, adn, two, two, n);
		place +=
		    memcmp(one, two, n + AEAD_TAG) == 0 &&
		    aead_open(a, nonce, ad, adn, two, two, n + AEAD_TAG) == 0 &&
		    memcmp(two, plain, n) == 0;
		one[(size_t)random() % (n + AEAD_TAG)] ^=
		    (uint8_t)(1 << random() % 8);
		memset(back, 0xaa, n);
		refused += aead_open(a, nonce, ad, adn, back, one,
		               n + AEAD_TAG) == -1 &&
		           blank(back, n);
		refused += aead_open(a, nonce, ad, adn, back, one,
		               (size_t)random() % AEAD_TAG) == -1;
	}
	ok(same == TRIES, "%s: both seal alike", aead_name(cipher));
	ok(opened == TRIES, "%s: one opens what the other sealed",
	    aead_name(cipher));
	ok(place == TRIES, "%s: in place", aead_name(cipher));
	ok(refused == 2 * TRIES, "%s: damaged is refused, and nothing is left",
	    aead_name(cipher));
}

int
main(void)
{
	srandom(20);
	if (sodium_init() == -1)
		return 1;
	if (!aeadfast_use(1))
		printf("# built without libcrypto: one engine twice\n");
	compare(AEAD_CHACHAPOLY);
	if (aead_offer() & AEAD_AESGCM)
		compare(AEAD_AESGCM);
	return done();
}
