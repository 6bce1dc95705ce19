/* quota: limits for each address at the relay.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "meet/mix.h"
#include "meet/quota.h"

enum { SLOTS = 1 << 14, MINUTE = 60000 };

struct quota_one {
	struct quota *all;
	struct quota_one *next;
	uint8_t net[16];
	int connections, pairs, tries;
	int64_t since; /* the time of the first try */
};

struct quota {
	int most;
	uint64_t key[2];
	struct quota_one *slot[SLOTS];
};

struct quota *
quota_new(int connections, const uint64_t key[static 2])
{
	struct quota *q = calloc(1, sizeof(*q));

	if (q) {
		q->most = connections;
		memcpy(q->key, key, sizeof(q->key));
	}
	return q;
}

void
quota_free(struct quota *q)
{
	struct quota_one *o, *next;
	int i;

	for (i = 0; q && i < SLOTS; i++)
		for (o = q->slot[i]; o; o = next) {
			next = o->next;
			free(o);
		}
	free(q);
}

static struct quota_one *
find(struct quota *q, const struct meet_addr *a)
{
	struct quota_one **slot, *o;
	uint8_t net[16] = {0};

	memcpy(net, a->ip, meet_is_v4(a) ? 16 : 8);
	slot = &q->slot[mix(q->key, net, sizeof(net)) % SLOTS];
	for (o = *slot; o; o = o->next)
		if (memcmp(o->net, net, sizeof(net)) == 0)
			return o;
	o = calloc(1, sizeof(*o));
	if (!o)
		return NULL;
	memcpy(o->net, net, sizeof(net));
	o->all = q;
	o->next = *slot;
	*slot = o;
	return o;
}

struct quota_one *
quota_take(struct quota *q, const struct meet_addr *a)
{
	struct quota_one *o = find(q, a);

	if (!o || o->connections >= q->most)
		return NULL;
	o->connections++;
	return o;
}

void
quota_give(struct quota_one *o)
{
	o->connections--;
}

int
quota_pair(struct quota_one *o)
{
	if (o->pairs >= QUOTA_PAIRS)
		return -1;
	o->pairs++;
	return 0;
}

void
quota_unpair(struct quota_one *o)
{
	o->pairs--;
}

int
quota_try(struct quota_one *o, int64_t now)
{
	if (o->tries == 0 || now - o->since >= MINUTE) {
		o->tries = 0;
		o->since = now;
	}
	if (o->tries >= QUOTA_TRIES)
		return -1;
	o->tries++;
	return 0;
}

void
quota_sweep(struct quota *q, int64_t now)
{
	struct quota_one **at, *o;
	int i;

	for (i = 0; i < SLOTS; i++)
		for (at = &q->slot[i]; (o = *at);) {
			if (o->connections == 0 && o->pairs == 0 &&
			    (o->tries == 0 || now - o->since >= MINUTE)) {
				*at = o->next;
				free(o);
			} else {
				at = &o->next;
			}
		}
}
