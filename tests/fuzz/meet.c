/* fuzz/meet: what strangers, peers and relays say before anybody is known: JOIN,
 * PROXY headers, P, cards, the 32 bytes, LAN questions, rooms.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "fuzz.h"
#include "meet/meet.h"
#include "meet/proxy.h"

/* What is read and written again is the same. */
static void
again(const uint8_t *p, size_t n)
{
	uint8_t out[MEET_INTRO], cookie[MEET_NONCE];
	struct meet_intro intro;
	struct meet_probe probe;
	struct meet_addr at;
	struct meet_card card;
	struct meet_join join;
	struct meet_lan lan;

	if (meet_join_get(&join, p, n) == 0) {
		meet_join_put(out, &join);
		MUST(memcmp(out, p, MEET_HEAD) == 0);
		(void)meet_is_number(join.room);
	}
	if (meet_card_get(&card, p, n) == 0)
		MUST(meet_card_put(out, &card) == n && memcmp(out, p, n) == 0);
	if (meet_intro_get(&intro, p, n) == 0) {
		MUST(
		    meet_intro_put(out, &intro) == n && memcmp(out, p, n) == 0);
		(void)meet_card_get(&card, intro.card, intro.card_n);
	}
	if (meet_probe_get(&probe, p, n) == 0) {
		meet_probe_put(out, &probe);
		MUST(memcmp(out, p, n) == 0);
	}
	if (meet_proof_get(&at, cookie, p, n) == 0) {
		meet_proof_put(out, &at, cookie);
		MUST(memcmp(out, p, n) == 0);
	}
	if (meet_lan_get(&lan, p, n) == 0) {
		meet_lan_put(out, &lan);
		MUST(memcmp(out, p, MEET_LAN) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t *exact = calloc(n ? n : 1, 1), room[MEET_ROOM];
	struct meet_addr a = {.port = 1};
	int more;

	/* Of its very size, so that a byte too far is seen. */
	MUST(exact);
	if (n)
		memcpy(exact, data, n);
	again(exact, n);
	if (meet_room(room, (const char *)exact, n) == 0 && n <= 9)
		MUST(meet_is_number(room));
	if (n >= PROXY_HEAD) {
		more = proxy_head(exact);
		if (more >= 0 && (size_t)more <= n - PROXY_HEAD)
			(void)proxy_get(&a, exact, (size_t)more);
	}
	free(exact);
	return 0;
}
