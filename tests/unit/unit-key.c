/* Keys as text and as words.
 * SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <string.h>

#include "crypto/key.h"
#include "crypto/secret.h"
#include "crypto/words.h"
#include "tap.h"

#define GOOD "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo="

static void
test_parse(void)
{
	static const char *const bad[] = {
	    "",
	    "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo", /* no '=' */
	    "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCp=", /* a bit over */
	    "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCq=",
	    "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo==",
	    "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LC==", /* 31 bytes */
	    "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCoA", /* 33 bytes */
	    "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LC =",
	    " wdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=",
	    "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LC_=",
	    "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25L\n==",
	    "dwdtCnMYpX07GsFyUbBm\xa7\x9b\xc6\xb2L4fpwJkqsXf7pR25LCo=",
	    "=wdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=",
	};
	uint8_t key[KEY_BYTES];
	char text[KEY_TEXT + 1];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok(key_parse(key, bad[i]) == -1, "no key: <%s>", bad[i]);
	ok(key_parse(key, GOOD) == 0, "a key");
	key_text(text, key);
	ok(strcmp(text, GOOD) == 0, "the same text again");
}

/* RFC 7748, section 6.1. */
static void
test_public(void)
{
	uint8_t secret[KEY_BYTES], public[KEY_BYTES];
	char text[KEY_TEXT + 1];

	key_parse(secret, GOOD);
	key_public(public, secret);
	key_text(text, public);
	ok(strcmp(text, "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=") == 0,
	    "the public key of RFC 7748");
}

static void
test_make(void)
{
	uint8_t *a = secret_new(KEY_BYTES), *b = secret_new(KEY_BYTES);
	static const uint8_t zero[KEY_BYTES];

	ok(a && b && memcmp(a, zero, KEY_BYTES) == 0, "secret memory is zero");
	key_make(a);
	key_make(b);
	ok(memcmp(a, b, KEY_BYTES) != 0, "two fresh keys differ");
	ok((a[0] & 7) == 0 && (a[31] & 0xc0) == 0x40, "a fresh key is clamped");
	secret_free(a);
	secret_free(b);
	secret_free(NULL);
}

static void
test_words(void)
{
	uint8_t key[KEY_BYTES] = {0};
	char out[KEY_WORDS_MAX];
	unsigned pos, i, j, bad = 0, twice = 0;
	const char *w, *p;

	for (pos = 0; pos < 2; pos++)
		for (i = 0; i < 256; i++) {
			w = words_at(pos, (uint8_t)i);
			for (p = w; *p; p++)
				bad += !islower((unsigned char)*p);
			bad += p == w || words_find(pos, w) != (int)i ||
			       words_find(pos + 1, w) != -1;
			for (j = 0; j < i; j++)
				twice +=
				    strcmp(w, words_at(pos, (uint8_t)j)) == 0;
		}
	ok(bad == 0 && twice == 0, "512 different words, each in one list");
	ok(words_find(0, "Aardvark") == 0 && words_find(1, "yucatan") == 255 &&
	        words_find(0, "") == -1 && words_find(0, "aardvar") == -1,
	    "words are found in any case, whole");
	/* b2sum -l 256 of 32 zero bytes: 89eb0d6a8a691dae2cd15ed0... */
	key_words(out, key);
	ok(strcmp(out, "nightbird underfoot ancient hamburger oakland "
	               "guitarist belfast performance burbank "
	               "scavenger eyeglass savagery") == 0,
	    "words: %s", out);
}

int
main(void)
{
	test_parse();
	test_public();
	test_make();
	test_words();
	return done();
}
