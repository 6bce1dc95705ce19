/* paths: which addresses may be tried, in which order, and which is taken.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "meet/paths.h"

/* Blocks of addresses that mean another machine in each network. */
static const struct block {
	uint8_t ip[16];
	int bits;
} blocks[] = {
    {{[10] = 0xff, 0xff, 10}, 104},
    {{[10] = 0xff, 0xff, 172, 16}, 108},
    {{[10] = 0xff, 0xff, 192, 168}, 112},
    {{[10] = 0xff, 0xff, 100, 64}, 106}, /* behind a carrier's router */
    {{0xfd}, 8},
    {{0xfc}, 8},
};

static int
within(const struct meet_addr *a, const struct block *b)
{
	int i, rest = b->bits % 8;

	for (i = 0; i < b->bits / 8; i++)
		if (a->ip[i] != b->ip[i])
			return 0;
	return rest == 0 || (a->ip[i] ^ b->ip[i]) >> (8 - rest) == 0;
}

static const struct block *
block_of(const struct meet_addr *a)
{
	size_t i;

	for (i = 0; i < sizeof(blocks) / sizeof(*blocks); i++)
		if (within(a, &blocks[i]))
			return &blocks[i];
	return NULL;
}

int
paths_private(const struct meet_addr *a)
{
	return block_of(a) != NULL;
}

int
paths_tellable(const struct meet_addr *a)
{
	static const uint8_t zero[16];
	const uint8_t *ip = a->ip;

	if (meet_is_v4(a))
		/* 0/8, 127/8, 169.254/16, 224/4 and above */
		return ip[12] != 0 && ip[12] != 127 && ip[12] < 224 &&
		       !(ip[12] == 169 && ip[13] == 254);
	/* ::, ::1 and all else that begins so, fe80::/10, ff00::/8 */
	return memcmp(ip, zero, 8) != 0 && ip[0] != 0xff &&
	       !(ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80);
}

enum path
paths_of(
    const struct meet_addr *a, const struct meet_addr *own, int n, int seen)
{
	const struct block *b = block_of(a);
	int i, near = 0, six = 0;

	if (!paths_tellable(a) || a->port < 1024)
		return PATH_NONE;
	for (i = 0; i < n; i++) {
		if (memcmp(own[i].ip, a->ip, sizeof(a->ip)) == 0)
			return PATH_NONE;
		near |= b && within(&own[i], b);
		six |= !meet_is_v4(&own[i]) && !block_of(&own[i]);
	}
	if (b)
		return near ? PATH_LAN : PATH_NONE;
	if (!meet_is_v4(a))
		return six ? PATH_SIX : PATH_NONE;
	return seen ? PATH_FOUR : PATH_NONE;
}

/* Until when a direct path is waited for. */
static int64_t
patience(const struct paths_state *s)
{
	int64_t from = s->ready == -1 ? PATHS_FULL_MS * 1000 : s->ready;
	int64_t least = (s->likely ? PATHS_LIKELY_MS : PATHS_DIRECT_MS) * 1000;

	if (s->tried == 0)
		return 0;
	if (s->datagrams && !s->udp)
		return from + PATHS_BLOCKED_MS * 1000;
	return from + (2 * s->pipe > least ? 2 * s->pipe : least);
}

int
paths_take(const struct paths_state *s)
{
	int64_t until;

	switch (s->best) {
	case PATH_NONE:
		return 0;
	case PATH_LAN:
	case PATH_SIX:
		return 1;
	case PATH_FOUR:
		return !s->six || s->now - s->first >= 15000 + s->rtt / 4;
	case PATH_HUB:
	case PATH_PIPE:
		if (s->pipe == -1)
			return 0;
		until = patience(s);
		if (s->best == PATH_PIPE && s->hub)
			until += PATHS_HUB_MS * 1000;
		return s->now >= until;
	}
	return 0;
}
