/* pair: two clients of a relay that have met: their introduction, and the bytes
 * between them.
 * SPDX-License-Identifier: ISC */
#ifndef PAIR_H
#define PAIR_H

#include "meet/client.h"
#include "meet/ends.h"
#include "meet/flow.h"
#include "meet/quota.h"

struct pair_side {
	struct client *client; /* NULL: it has gone */
	struct end *end; /* kind u: of its datagrams */
	struct quota_one *quota;
};

struct pair {
	struct pair *next, *prev; /* in a list */
	struct pair_side side[2]; /* initiator, responder */
	struct flow flow[2]; /* from that side */
	int64_t since; /* ms: when they met */
	int64_t moved[2]; /* when a flow's bytes last moved, or began to wait */
	int introduced, paused;
};

struct pair_list {
	struct pair *first;
};

void
pair_add(struct pair_list *l, struct pair *p);
void
pair_take(struct pair_list *l, struct pair *p);

/* Pair two clients, of whom side[late] has just come; it takes over their ends
 * and quotas, and is not in a list yet.  NULL, and the letter of X. */
struct pair *
pair_new(const struct pair_side side[static 2], int late, int64_t now,
    const char **why);

/* Free it and all that it holds; take it out of its list before. */
void
pair_free(struct pair *p, struct ends *ends, struct flow_pool *pool);

/* May they be introduced: has each registered, or had its time to?  1 or 0. */
int
pair_due(const struct pair *p, int64_t now);

/* Introduce them: P to each. */
void
pair_introduce(struct pair *p);

/* Their addresses, in a line for the log. */
void
pair_line(const struct pair *p, char *out, size_t cap);

/* Pass on what side s has sent, as far as the budget goes: when that is used up
 * the pair is paused.  0, or -1 when it has come to its end. */
int
pair_pass(struct pair *p, int s, struct flow_pool *pool, uint64_t *budget,
    uint64_t *moved, int64_t now);

/* Have epoll watch both sides for what can be read and written now. */
void
pair_watch(struct pair *p);

/* Since when a flow of it stands still: INT64_MAX if none does.  And the bytes
 * that the kernel holds for it. */
int64_t
pair_stopped(const struct pair *p, int64_t now);
uint64_t
pair_held(const struct pair *p);

/* Both clients have gone: has its UDP been unused long enough to forget it? */
int
pair_faded(const struct pair *p, int64_t now);

#endif
