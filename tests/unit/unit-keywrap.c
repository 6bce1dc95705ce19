/* A secret key under a passphrase: the line that is kept, and its limits.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>

#include "crypto/keywrap.h"
#include "crypto/secret.h"
#include "tap.h"

/* The one line every later version has to open. */
#define OLD                                                                    \
	"argon2id$1$8$AAECAwQFBgcICQoLDA0ODw$"                                 \
	"d6qQAFDLq2uJqHumNpI9X05qzB5amvi6HIUJGsFnFFk1CqQKw3+isbITzeF7xsVA"

static void
test_parse(void)
{
	static const struct {
		int err;
		const char *text;
	} bad[] = {
	    {EINVAL, ""},
	    {EINVAL, "argon2id$"},
	    {EINVAL, "argon2i$1$8$AAECAwQFBgcICQoLDA0ODw$"},
	    {EINVAL, "argon2id$1$8$AAECAwQFBgcICQoLDA0ODw$"},
	    {EINVAL, OLD "A"},
	    {EINVAL, OLD " "},
	    {EINVAL, " " OLD},
#define SALT "$AAECAwQFBgcICQoLDA0ODw$"
#define REST "d6qQAFDLq2uJqHumNpI9X05qzB5amvi6HIUJGsFnFFk1CqQKw3+isbITzeF7xsVA"
	    {EINVAL, "argon2id$-1$8" SALT REST},
	    {EINVAL, "argon2id$1$ 8" SALT REST},
	    {EINVAL, "argon2id$$8" SALT REST},
	    {EINVAL, "argon2id$1$8$AAECAwQFBgcICQoLDA0ODx$" REST},
	    {EINVAL, "argon2id$1$8$AAECAwQFBgcICQoLDA0OD$" REST},
	    {EINVAL, "argon2id$1$8$AAECAwQFBgcICQoLDA0ODw==$" REST},
	    {EINVAL, "argon2id$1$8$AAECAwQFBgcICQoLDA0OD-$" REST},
	    {EINVAL, "argon2id$1$8" SALT "mq4x"},
	    {EINVAL, "argon2id$9999999999$8" SALT REST},
	    {ERANGE, "argon2id$999999999$8" SALT REST},
	    {ERANGE, "argon2id$11$8" SALT REST},
	    {ERANGE, "argon2id$0$8" SALT REST},
	    {ERANGE, "argon2id$1$7" SALT REST},
	    {ERANGE, "argon2id$1$1048577" SALT REST},
	    {ERANGE, "argon2id$1$999999999" SALT REST},
	};
	struct keywrap l;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		errno = 0;
		ok(keywrap_parse(&l, bad[i].text) == -1 && errno == bad[i].err,
		    "%s: %s", strerror(bad[i].err), bad[i].text);
	}
	ok(keywrap_parse(&l, "argon2id$10$1048576" SALT REST) == 0 &&
	        l.passes == 10 && l.kib == 1 << 20,
	    "the most that is allowed");
}

static void
test_open(uint8_t *secret)
{
	uint8_t want[KEY_BYTES];
	char text[KEYWRAP_TEXT], changed[KEYWRAP_TEXT];
	struct keywrap l;
	size_t i, wrong = 0;

	memset(want, 7, sizeof(want));
	ok(keywrap_parse(&l, OLD) == 0 &&
	        keywrap_open(secret, &l, "hunter2", 7) == 0 &&
	        memcmp(secret, want, KEY_BYTES) == 0,
	    "the old line opens");
	keywrap_text(text, &l);
	ok(strcmp(text, OLD) == 0, "and is written as it was");
	ok(keywrap_open(secret, &l, "hunter3", 7) == -1 && errno == EBADMSG,
	    "another passphrase");
	ok(keywrap_open(secret, &l, "hunter2", 6) == -1 &&
	        keywrap_open(secret, &l, "", 0) == -1,
	    "less of it, nothing of it");
	for (i = 0; OLD[i]; i++) {
		strcpy(changed, OLD);
		changed[i] = (char)(changed[i] == 'A'   ? 'B'
		                    : changed[i] == '1' ? '2'
		                    : changed[i] == '8' ? '9'
		                                        : 'A');
		wrong += keywrap_parse(&l, changed) == 0 &&
		         keywrap_open(secret, &l, "hunter2", 7) == 0;
	}
	ok(wrong == 0, "no changed byte opens");
}

static void
test_seal(uint8_t *secret)
{
	struct keywrap a = {.passes = 1, .kib = 8}, b = a, c;
	char text[KEYWRAP_TEXT];
	uint8_t want[KEY_BYTES];

	key_make(want);
	ok(keywrap_seal(&a, want, "pass", 4) == 0 &&
	        keywrap_seal(&b, want, "pass", 4) == 0,
	    "sealed");
	ok(memcmp(a.salt, b.salt, KEYWRAP_SALT) != 0 &&
	        memcmp(a.sealed, b.sealed, KEYWRAP_SEALED) != 0,
	    "with a fresh salt each time");
	keywrap_text(text, &a);
	ok(keywrap_parse(&c, text) == 0 &&
	        keywrap_open(secret, &c, "pass", 4) == 0 &&
	        memcmp(secret, want, KEY_BYTES) == 0,
	    "opened");
	a.kib = 0;
	ok(keywrap_seal(&a, want, "pass", 4) == -1 && errno == ERANGE,
	    "no cost beyond the limits");
	b.passes = KEYWRAP_PASSES + 1;
	ok(keywrap_open(secret, &b, "pass", 4) == -1 && errno == ERANGE,
	    "not on opening either");
}

int
main(void)
{
	uint8_t *secret = secret_new(KEY_BYTES);

	test_parse();
	test_open(secret);
	test_seal(secret);
	secret_free(secret);
	return done();
}
