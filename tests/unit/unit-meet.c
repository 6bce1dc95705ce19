/* unit-meet: the messages of a meeting, its tables' hash, limits by address.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "meet/meet.h"
#include "meet/mix.h"
#include "meet/proxy.h"
#include "meet/quota.h"
#include "tap.h"

static const struct meet_addr four = {
    .ip = {[10] = 0xff, 0xff, 192, 0, 2, 7}, .port = 4321};
static const struct meet_addr six = {.ip = {0x20, 1, 13, 0xb8}, .port = 7};

static void
join(void)
{
	struct meet_join j = {'l', 'u', 0, "4721", 18}, back;
	uint8_t p[MEET_HEAD];
	int good = 1, n;

	meet_join_put(p, &j);
	ok(memcmp(p,
	       "meet1lu\0"
	       "4721\0\0\0\0\0\0\0\0\0\0\0\0\0\x12",
	       MEET_HEAD) == 0,
	    "JOIN is as in the page");
	for (n = 0; n < MEET_HEAD; n++)
		good &= meet_join_get(&back, p, (size_t)n) == 1;
	ok(good, "each part of a JOIN asks for more");
	ok(meet_join_get(&back, p, MEET_HEAD) == 0 && back.what == 'l' &&
	        back.kind == 'u' && back.card == 18 &&
	        memcmp(back.room, j.room, MEET_ROOM) == 0,
	    "JOIN comes back");
	ok(meet_join_get(&back, (const uint8_t *)"meet2", 5) == MEET_VERSION &&
	        meet_join_get(&back, (const uint8_t *)"GE", 2) == MEET_OTHER,
	    "another version is told from another protocol");
	p[7] = 1;
	ok(meet_join_get(&back, p, MEET_HEAD) == 0 && back.hidden,
	    "one that hides its addresses");
	p[7] = 2;
	ok(meet_join_get(&back, p, MEET_HEAD) == MEET_VERSION,
	    "what a later version may say there");
}

static void
rooms(void)
{
	uint8_t r[MEET_ROOM];
	static const char hex[] = "00112233445566778899aabbccddeeff";

	ok(meet_room(r, "4721", 4) == 0 && meet_is_number(r), "a number");
	ok(meet_room(r, "123456789", 9) == 0 && meet_is_number(r),
	    "nine digits");
	ok(meet_room(r, hex, 32) == 0 && r[1] == 0x11 && r[15] == 0xff &&
	        !meet_is_number(r),
	    "32 hexadecimal digits");
	ok(meet_room(r, "", 0) == -1 && meet_room(r, "1234567890", 10) == -1 &&
	        meet_room(r, "12a4", 4) == -1 && meet_room(r, "abc", 3) == -1 &&
	        meet_room(r, "00112233445566778899AABBCCDDEEFF", 32) == -1,
	    "what is neither");
	memcpy(r, "12\0003\0\0\0\0\0\0\0\0\0\0\0", MEET_ROOM);
	ok(!meet_is_number(r), "digits behind a zero are not a number");
}

static void
cards(void)
{
	struct meet_card c = {.token = "0123456789abcde", .n = 2}, back;
	uint8_t p[MEET_CARD];
	size_t n;

	c.at[0] = four;
	c.at[1] = six;
	n = meet_card_put(p, &c);
	ok(n == 54 && p[0] == 1 && p[1] == 2 && p[28] == 0xff && p[30] == 192 &&
	        p[34] == 4321 >> 8,
	    "a card's bytes");
	ok(meet_card_get(&back, p, n) == 0 && back.n == 2 &&
	        meet_same(&back.at[0], &four) && meet_same(&back.at[1], &six) &&
	        meet_is_v4(&back.at[0]) && !meet_is_v4(&back.at[1]),
	    "a card comes back");
	ok(meet_card_get(&back, p, n - 1) == -1 &&
	        meet_card_get(&back, p, 17) == -1,
	    "a card that is cut");
	p[0] = 2;
	ok(meet_card_get(&back, p, n) == -1, "another version's card");
	p[0] = 1;
	p[1] = 9;
	ok(meet_card_get(&back, p, n) == -1, "too many addresses");
}

static void
intros(void)
{
	struct meet_intro m = {.role = 'i', .own_n = 1, .other_n = 3}, back;
	uint8_t p[MEET_INTRO];
	size_t n, i;
	int good = 1;

	m.own[0] = (struct meet_seen){'t', four};
	m.other[0] = (struct meet_seen){'t', six};
	m.other[1] = (struct meet_seen){'u', four};
	m.other[2] = (struct meet_seen){'u', six};
	m.card = (const uint8_t *)"card";
	m.card_n = 4;
	n = meet_intro_put(p, &m);
	ok(n == 3 + 4 * 19 + 4 && meet_intro_get(&back, p, n) == 0 &&
	        back.other_n == 3 && back.other[2].kind == 'u' &&
	        meet_same(&back.other[0].at, &six) && back.card_n == 4 &&
	        memcmp(back.card, "card", 4) == 0,
	    "P comes back");
	for (i = 0; i < n - 4; i++)
		good &= meet_intro_get(&back, p, i) == -1;
	ok(good, "P that is cut");
	p[0] = 'x';
	ok(meet_intro_get(&back, p, n) == -1, "no such role");
	p[0] = 'r';
	p[1] = 4;
	ok(meet_intro_get(&back, p, n) == -1, "too many addresses");
}

static void
probes(void)
{
	struct meet_probe m = {'p', "0123456789abcde", "nonce78"}, back;
	uint8_t p[MEET_PROBE], cookie[MEET_NONCE];
	struct meet_addr at;

	meet_probe_put(p, &m);
	ok(meet_probe_get(&back, p, MEET_PROBE) == 0 && back.type == 'p' &&
	        memcmp(back.token, m.token, MEET_TOKEN) == 0 &&
	        memcmp(back.nonce, m.nonce, MEET_NONCE) == 0,
	    "a probe comes back");
	ok(meet_probe_get(&back, p, MEET_PROBE - 1) == -1 &&
	        meet_proof_get(&at, cookie, p, MEET_PROBE) == -1,
	    "a probe that is cut; a probe is not the relay's answer");
	p[5] = 'x';
	ok(meet_probe_get(&back, p, MEET_PROBE) == -1, "no such type");
	meet_proof_put(p, &four, m.nonce);
	ok(meet_proof_get(&at, cookie, p, MEET_PROBE) == 0 &&
	        meet_same(&at, &four) &&
	        memcmp(cookie, m.nonce, MEET_NONCE) == 0 &&
	        meet_probe_get(&back, p, MEET_PROBE) == -1,
	    "the relay's answer comes back, and is not a probe");
}

static void
others(void)
{
	struct meet_udp u = {2426, {1, 2, 3, 4}, {[15] = 9}}, uback;
	struct meet_lan l = {'L', 't', "4721"}, lback;
	uint8_t p[MEET_UDP], q[MEET_LAN];

	meet_udp_put(p, &u);
	meet_udp_get(&uback, p);
	ok(memcmp(&u, &uback, sizeof(u)) == 0, "M comes back");
	meet_lan_put(q, &l);
	ok(meet_lan_get(&lback, q, sizeof(q)) == 0 && lback.what == 'L' &&
	        lback.kind == 't' && memcmp(lback.tag, "4721", 5) == 0,
	    "a LAN question comes back");
	q[5] = 'p';
	ok(meet_lan_get(&lback, q, sizeof(q)) == -1 &&
	        meet_lan_get(&lback, q, 23) == -1,
	    "what is none");
}

/* The vectors of SipHash's authors: key 00..0f, input 00, 01, 02 ... */
static void
hashes(void)
{
	const uint64_t key[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	uint8_t in[16];
	int i;

	for (i = 0; i < 16; i++)
		in[i] = (uint8_t)i;
	ok(mix(key, in, 0) == 0x726fdb47dd0e0e31 &&
	        mix(key, in, 8) == 0x93f5f5799a932462 &&
	        mix(key, in, 15) == 0xa129ca6149be45e5,
	    "SipHash-2-4");
}

static void
proxies(void)
{
	uint8_t p[PROXY_HEAD + 36] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c";
	struct meet_addr a = six;

	memcpy(p + PROXY_HEAD, "\xc0\0\2\7\1\1\1\1\x10\xe1\0\1", 12);
	ok(proxy_head(p) == 12 && proxy_get(&a, p, 12) == 0 &&
	        meet_same(&a, &four),
	    "an IPv4 client");
	ok(proxy_get(&a, p, 11) == -1, "one that is cut");
	p[13] = 0x21;
	memcpy(p + PROXY_HEAD, six.ip, 16);
	p[PROXY_HEAD + 32] = 0;
	p[PROXY_HEAD + 33] = 7;
	ok(proxy_get(&a, p, 36) == 0 && meet_same(&a, &six), "an IPv6 client");
	p[12] = 0x20;
	a = four;
	ok(proxy_get(&a, p, 0) == 0 && meet_same(&a, &four),
	    "the balancer's own");
	p[14] = 3;
	ok(proxy_head(p) == -1, "too long");
	p[14] = 0;
	p[0] = 'm';
	ok(proxy_head(p) == -1, "no PROXY header");
}

static void
limits(void)
{
	const uint64_t key[2] = {1, 2};
	struct quota *q = quota_new(3, key);
	struct meet_addr near = six, far = six;
	struct quota_one *o[3], *p;
	int i, n;

	near.ip[15] = 1; /* in the same /64 */
	far.ip[7] = 1;
	for (i = 0; i < 3; i++)
		o[i] = quota_take(q, &six);
	ok(o[0] && o[0] == o[1] && o[1] == o[2] && !quota_take(q, &near),
	    "a /64 has its connections, and no more");
	p = quota_take(q, &far);
	ok(p && p != o[0], "another /64 has its own");
	for (n = 0; n < 40 && quota_pair(o[0]) == 0; n++)
		;
	ok(n == QUOTA_PAIRS, "32 pairs");
	for (i = 0; i < n; i++)
		quota_unpair(o[0]);
	for (n = 0; n < 40 && quota_try(o[0], 1000 + n) == 0; n++)
		;
	ok(n == QUOTA_TRIES && quota_try(o[0], 60999) == -1 &&
	        quota_try(o[0], 61000) == 0,
	    "20 tries, and anew after a minute");
	for (i = 0; i < 3; i++)
		quota_give(o[i]);
	quota_sweep(q, 70000);
	for (n = 0; n < 40 && quota_try(quota_take(q, &near), 70000) == 0; n++)
		if (n == 2)
			break;
	ok(n == 2, "what is swept has no tries that are new");
	quota_free(q);
}

int
main(void)
{
	join();
	rooms();
	cards();
	intros();
	probes();
	others();
	hashes();
	proxies();
	limits();
	return done();
}
