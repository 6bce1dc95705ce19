/* meet: the messages of chat-relay and chat-meet (chat-wire(5), MEETING).
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/be.h"
#include "meet/meet.h"

static const uint8_t magic[5] = {'m', 'e', 'e', 't', '1'};
static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

int
meet_is_v4(const struct meet_addr *a)
{
	return memcmp(a->ip, mapped, sizeof(mapped)) == 0;
}

int
meet_same(const struct meet_addr *a, const struct meet_addr *b)
{
	return a->port == b->port && memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

static uint8_t *
put_addr(uint8_t *p, const struct meet_addr *a)
{
	memcpy(p, a->ip, sizeof(a->ip));
	be16_put(p + 16, a->port);
	return p + MEET_ADDR;
}

static const uint8_t *
get_addr(struct meet_addr *a, const uint8_t *p)
{
	memcpy(a->ip, p, sizeof(a->ip));
	a->port = be16_get(p + 16);
	return p + MEET_ADDR;
}

int
meet_join_get(struct meet_join *j, const uint8_t *p, size_t n)
{
	size_t lead = n < sizeof(magic) ? n : sizeof(magic);

	if (memcmp(p, magic, lead < 4 ? lead : 4) != 0)
		return MEET_OTHER;
	if (lead == sizeof(magic) && p[4] != magic[4])
		return MEET_VERSION;
	if (n < MEET_HEAD)
		return 1;
	j->what = (char)p[5];
	j->kind = (char)p[6];
	j->hidden = p[7];
	memcpy(j->room, p + 8, MEET_ROOM);
	j->card = be16_get(p + 24);
	if (!j->what || !strchr("lcabq", j->what) || !j->kind ||
	    !strchr("tu", j->kind) || p[7] > 1 || j->card > MEET_CARD_MAX)
		return MEET_VERSION;
	return 0;
}

void
meet_join_put(uint8_t out[static MEET_HEAD], const struct meet_join *j)
{
	memcpy(out, magic, sizeof(magic));
	out[5] = (uint8_t)j->what;
	out[6] = (uint8_t)j->kind;
	out[7] = j->hidden != 0;
	memcpy(out + 8, j->room, MEET_ROOM);
	be16_put(out + 24, (uint16_t)j->card);
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

int
meet_room(uint8_t room[static MEET_ROOM], const char *text, size_t n)
{
	size_t i;

	memset(room, 0, MEET_ROOM);
	for (i = 0; i < n; i++)
		if (digit(text[i]) == -1 || (n <= 9 && digit(text[i]) > 9))
			return -1;
	if (n >= 1 && n <= 9) {
		memcpy(room, text, n);
		return 0;
	}
	if (n != 2 * MEET_ROOM)
		return -1;
	for (i = 0; i < MEET_ROOM; i++)
		room[i] =
		    (uint8_t)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
	return 0;
}

int
meet_is_number(const uint8_t room[static MEET_ROOM])
{
	size_t n = 0, i;

	while (n < 9 && room[n] >= '0' && room[n] <= '9')
		n++;
	for (i = n; i < MEET_ROOM; i++)
		if (room[i] != 0)
			return 0;
	return n > 0;
}

size_t
meet_card_put(uint8_t out[static MEET_CARD], const struct meet_card *c)
{
	uint8_t *p = out;
	int i;

	*p++ = 1;
	*p++ = (uint8_t)c->n;
	memcpy(p, c->token, MEET_TOKEN);
	p += MEET_TOKEN;
	for (i = 0; i < c->n; i++)
		p = put_addr(p, &c->at[i]);
	return (size_t)(p - out);
}

int
meet_card_get(struct meet_card *c, const uint8_t *p, size_t n)
{
	int i;

	if (n < 2 + MEET_TOKEN || p[0] != 1 || p[1] > MEET_ADDRS ||
	    n != 2 + MEET_TOKEN + (size_t)p[1] * MEET_ADDR)
		return -1;
	c->n = p[1];
	memcpy(c->token, p + 2, MEET_TOKEN);
	p += 2 + MEET_TOKEN;
	for (i = 0; i < c->n; i++)
		p = get_addr(&c->at[i], p);
	return 0;
}

static uint8_t *
put_seen(uint8_t *p, const struct meet_seen *all, int n)
{
	int i;

	*p++ = (uint8_t)n;
	for (i = 0; i < n; i++) {
		*p++ = (uint8_t)all[i].kind;
		p = put_addr(p, &all[i].at);
	}
	return p;
}

/* NULL: there are too few bytes, or too many addresses. */
static const uint8_t *
get_seen(struct meet_seen *all, int *n, const uint8_t *p, const uint8_t *end)
{
	int i;

	if (p == end || *p > MEET_SEEN || end - p < 1 + *p * (1 + MEET_ADDR))
		return NULL;
	*n = *p++;
	for (i = 0; i < *n; i++) {
		all[i].kind = (char)*p++;
		if (all[i].kind != 't' && all[i].kind != 'u')
			return NULL;
		p = get_addr(&all[i].at, p);
	}
	return p;
}

size_t
meet_intro_put(uint8_t out[static MEET_INTRO], const struct meet_intro *m)
{
	uint8_t *p = out;

	*p++ = (uint8_t)m->role;
	p = put_seen(p, m->own, m->own_n);
	p = put_seen(p, m->other, m->other_n);
	if (m->card_n)
		memcpy(p, m->card, m->card_n);
	return (size_t)(p - out) + m->card_n;
}

int
meet_intro_get(struct meet_intro *m, const uint8_t *p, size_t n)
{
	const uint8_t *end = p + n;

	if (n == 0 || (*p != 'i' && *p != 'r'))
		return -1;
	m->role = (char)*p++;
	p = get_seen(m->own, &m->own_n, p, end);
	if (p)
		p = get_seen(m->other, &m->other_n, p, end);
	if (!p || end - p > MEET_CARD_MAX)
		return -1;
	m->card = p;
	m->card_n = (size_t)(end - p);
	return 0;
}

void
meet_udp_put(uint8_t out[static MEET_UDP], const struct meet_udp *m)
{
	be16_put(out, m->port);
	memcpy(out + 2, m->v4, sizeof(m->v4));
	memcpy(out + 6, m->v6, sizeof(m->v6));
}

void
meet_udp_get(struct meet_udp *m, const uint8_t p[static MEET_UDP])
{
	m->port = be16_get(p);
	memcpy(m->v4, p + 2, sizeof(m->v4));
	memcpy(m->v6, p + 6, sizeof(m->v6));
}

void
meet_probe_put(uint8_t out[static MEET_PROBE], const struct meet_probe *m)
{
	memcpy(out, magic, sizeof(magic));
	out[5] = (uint8_t)m->type;
	out[6] = out[7] = 0;
	memcpy(out + 8, m->token, MEET_TOKEN);
	memcpy(out + 24, m->nonce, MEET_NONCE);
}

int
meet_probe_get(struct meet_probe *m, const uint8_t *p, size_t n)
{
	if (n != MEET_PROBE || memcmp(p, magic, sizeof(magic)) != 0 || !p[5] ||
	    !strchr("HpaUR", p[5]) || p[6] != 0 || p[7] != 0)
		return -1;
	m->type = (char)p[5];
	memcpy(m->token, p + 8, MEET_TOKEN);
	memcpy(m->nonce, p + 24, MEET_NONCE);
	return 0;
}

void
meet_proof_put(uint8_t out[static MEET_PROBE], const struct meet_addr *at,
    const uint8_t cookie[static MEET_NONCE])
{
	memcpy(out, magic, sizeof(magic));
	out[5] = 'r';
	be16_put(out + 6, at->port);
	memcpy(out + 8, at->ip, sizeof(at->ip));
	memcpy(out + 24, cookie, MEET_NONCE);
}

int
meet_proof_get(struct meet_addr *at, uint8_t cookie[static MEET_NONCE],
    const uint8_t *p, size_t n)
{
	if (n != MEET_PROBE || memcmp(p, magic, sizeof(magic)) != 0 ||
	    p[5] != 'r')
		return -1;
	at->port = be16_get(p + 6);
	memcpy(at->ip, p + 8, sizeof(at->ip));
	memcpy(cookie, p + 24, MEET_NONCE);
	return 0;
}

void
meet_lan_put(uint8_t out[static MEET_LAN], const struct meet_lan *m)
{
	memcpy(out, magic, sizeof(magic));
	out[5] = (uint8_t)m->what;
	out[6] = (uint8_t)m->kind;
	out[7] = 0;
	memcpy(out + 8, m->tag, MEET_ROOM);
}

int
meet_lan_get(struct meet_lan *m, const uint8_t *p, size_t n)
{
	if (n < MEET_LAN || memcmp(p, magic, sizeof(magic)) != 0 ||
	    (p[5] != 'L' && p[5] != 'F') || (p[6] != 't' && p[6] != 'u') ||
	    p[7] != 0)
		return -1;
	m->what = (char)p[5];
	m->kind = (char)p[6];
	memcpy(m->tag, p + 8, MEET_ROOM);
	return 0;
}
