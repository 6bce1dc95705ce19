/* Spoken codes: made, and made the same again from what people type.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "crypto/code.h"
#include "tap.h"

static void
good(const char *text, const char *want)
{
	char out[CODE_PASS];
	struct fault f;

	ok(code_normalise(out, text, strlen(text), &f) == 0 &&
	        strcmp(out, want) == 0,
	    "code: %s", want);
}

static void
bad(const char *text, size_t n, const char *want)
{
	char out[CODE_PASS] = "x";
	struct fault f = {0, ""};

	ok(code_normalise(out, text, n, &f) == -1 && f.code == X_USE &&
	        strstr(f.text, want) && !*out,
	    "no code: %s", f.text);
}

static void
test_normalise(void)
{
	static const char same[] = "adult-maritime-kiwi";

	good("4721-adult-maritime-kiwi", same);
	good("adult-maritime-kiwi", same);
	good("adult maritime kiwi\n", same);
	good("  1 - ADULT  Maritime--kiwi -\r\n", same);
	good("-\tadult\tmaritime\tkiwi", same);
	good("99999999999999999999 adult maritime kiwi", same);
	good(
	    "stairway-stethoscope-stagehand", "stairway-stethoscope-stagehand");
#define BAD(text, want) bad(text, strlen(text), want)
	BAD("", "a code is");
	BAD("4721", "a code is");
	BAD("4721-adult-maritime", "a code is");
	BAD("adult-maritime-kiwi-adult", "a code is");
	BAD("adult-maritime-kiwi-4721", "a code is");
	BAD("1 2 adult maritime kiwi", "`2' is not");
	BAD("4721-adult-maritim-kiwi", "`maritim' is not");
	BAD("adult-maritime-kiwis", "`kiwis' is not");
	BAD("4721adult-maritime-kiwi", "`4721adult' is not");
	BAD("maritime-adult-kiwi", "`maritime' stands in the wrong place");
	BAD("adult-kiwi-maritime", "`kiwi' stands in the wrong place");
	BAD("adult,maritime,kiwi", "`adult,maritime,kiwi' is not");
	BAD("\xc3\xa4"
	    "dult maritime kiwi",
	    "\xc3\xa4"
	    "dult' is not");
	BAD("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    "`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' is not");
	bad("adult-maritime-kiwi\0", 20, "is not");
	bad("adult\0maritime-kiwi", 19, "is not");
}

/* Every byte at every place survives the way there and back. */
static void
test_make(void)
{
	char text[CODE_TEXT], pass[CODE_PASS];
	uint8_t r[CODE_RANDOM] = {0};
	struct fault f;
	int i, wrong = 0, number, least = 99999, most = 0;
	size_t longest = 0;

	for (i = 0; i < 65536; i++) {
		r[0] = (uint8_t)(i >> 8);
		r[1] = r[2] = r[3] = r[4] = (uint8_t)i;
		code_make(text, r);
		number = atoi(text);
		least = number < least ? number : least;
		most = number > most ? number : most;
		if (strlen(text) > longest)
			longest = strlen(text);
		wrong += code_normalise(pass, text, strlen(text), &f) != 0 ||
		         strcmp(pass, strchr(text, '-') + 1) != 0;
	}
	ok(wrong == 0, "what is made is understood");
	ok(least == 1 && most == 9999, "the number is 1 to 9999");
	ok(longest < CODE_TEXT, "none is too long");
	memset(r, 0, sizeof(r));
	code_make(text, r);
	ok(strcmp(text, "1-aardvark-adroitness-aardvark") == 0, "%s", text);
}

int
main(void)
{
	test_normalise();
	test_make();
	return done();
}
