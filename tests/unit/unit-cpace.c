/* CPace: who has all the same gets the same key, nobody else does.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "crypto/cpace.h"
#include "crypto/secret.h"
#include "tap.h"

static const struct cpace_input plain = {.prs = {"adult-maritime-kiwi", 19},
    .ci = {"chat1", 5},
    .sid = {NULL, 0},
    .ada = {"offer", 5},
    .adb = {"choice", 6}};

/* Do two sides with these inputs and roles get the same key? */
static int
agree(const struct cpace_input *x, const struct cpace_input *y, int roles)
{
	struct cpace a, b;
	uint8_t ya[CPACE_SHARE], yb[CPACE_SHARE];
	uint8_t ka[CPACE_ISK], kb[CPACE_ISK];

	cpace_start(&a, x, NULL);
	cpace_start(&b, y, NULL);
	memcpy(ya, a.share, sizeof(ya));
	memcpy(yb, b.share, sizeof(yb));
	return cpace_finish(&a, x, roles & 1, yb, ka) == 0 &&
	       cpace_finish(&b, y, roles >> 1, ya, kb) == 0 &&
	       memcmp(ka, kb, sizeof(ka)) == 0;
}

int
main(void)
{
	static const uint8_t zero[sizeof(struct cpace)];
	struct cpace_input in;
	struct cpace *a = secret_new(sizeof(*a)), b;
	uint8_t isk[CPACE_ISK], other[CPACE_ISK];
	uint8_t again[CPACE_SHARE], share[CPACE_SHARE];
	int i, wrong = 0;

	ok(agree(&plain, &plain, 1) && agree(&plain, &plain, 2),
	    "two sides agree");
	ok(!agree(&plain, &plain, 0) && !agree(&plain, &plain, 3),
	    "two of the same role do not");
#define OTHER(field, text)                                                     \
	in = plain;                                                            \
	in.field = (struct cpace_bytes){text, strlen(text)};                   \
	ok(!agree(&plain, &in, 1) && !agree(&plain, &in, 2) &&                 \
	        agree(&in, &in, 1),                                            \
	    "another " #field)
	OTHER(prs, "adult-maritime-kick");
	OTHER(prs, "");
	OTHER(ci, "chat2");
	OTHER(ci, "");
	OTHER(sid, "x");
	OTHER(ada, "Offer");
	OTHER(ada, "");
	OTHER(adb, "choicf");
	/* Where one ends and the next begins. */
	OTHER(prs, "adult-maritime-kiwi\x05");
	in = plain;
	in.ada = (struct cpace_bytes){"offerc", 6};
	in.adb = (struct cpace_bytes){"hoice", 5};
	ok(!agree(&plain, &in, 1), "the border of the two data");

	cpace_start(a, &plain, NULL);
	cpace_start(&b, &plain, NULL);
	ok(memcmp(a->share, b.share, CPACE_SHARE) != 0, "every share is fresh");
	memcpy(again, b.share, sizeof(again));
	ok(cpace_finish(a, &plain, 1, again, isk) == 0 &&
	        memcmp(a, zero, sizeof(*a)) == 0,
	    "wiped after use");
	again[31] ^= 0x80;
	cpace_start(a, &plain, NULL);
	ok(cpace_finish(a, &plain, 1, again, isk) == -1 &&
	        memcmp(isk, zero, sizeof(isk)) == 0 &&
	        memcmp(a, zero, sizeof(*a)) == 0,
	    "bit 255 is refused, all is wiped");
	for (i = 0; i < 256; i++) {
		cpace_start(a, &plain, NULL);
		cpace_start(&b, &plain, NULL);
		memcpy(share, a->share, sizeof(share));
		memcpy(again, b.share, sizeof(again));
		again[i / 8] ^= (uint8_t)(1 << i % 8);
		wrong += cpace_finish(&b, &plain, 0, share, other) == -1 ||
		         (cpace_finish(a, &plain, 1, again, isk) == 0 &&
		             memcmp(isk, other, sizeof(isk)) == 0);
	}
	ok(wrong == 0, "no key with a bit flipped on the way");
	secret_free(a);
	return done();
}
