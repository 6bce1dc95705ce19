/* past: the lines a person has typed: a history, and a queue to be sent and
 * shown.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "term/past.h"

static int
in_use(const struct past *h, const struct past_line *l)
{
	int i;

	for (i = 0; i < PAST_READERS; i++)
		if (l == h->reader[i].has || l == h->reader[i].next)
			return 1;
	return l == h->recalled;
}

/* Drop lines beyond the limits, unless a reader still needs them. */
static void
trim(struct past *h)
{
	struct past_line *l;

	while ((l = h->oldest) && !in_use(h, l) &&
	       (h->lines > PAST_LINES || h->bytes > PAST_BYTES)) {
		h->oldest = l->newer;
		*(l->newer ? &l->newer->older : &h->newest) = NULL;
		h->lines--;
		h->bytes -= l->n;
		free(l);
	}
}

int
past_add(struct past *h, const char *text, size_t n, const char *newline,
    uint64_t time)
{
	size_t all = n + strlen(newline), i;
	struct past_line *l = malloc(sizeof(*l) + all);

	if (!l)
		return -1;
	*l = (struct past_line){.older = h->newest, .time = time, .n = all};
	if (n > 0)
		memcpy(l->text, text, n);
	memcpy(l->text + n, newline, all - n);
	*(h->newest ? &h->newest->newer : &h->oldest) = l;
	h->newest = l;
	h->lines++;
	h->bytes += all;
	for (i = 0; i < PAST_READERS; i++) {
		if (!h->reader[i].next)
			h->reader[i].next = l;
		h->reader[i].lines++;
		h->reader[i].bytes += all;
	}
	h->recalled = NULL;
	trim(h);
	return 0;
}

const struct past_line *
past_next(struct past *h, enum past_reader who)
{
	struct past_line *l = h->reader[who].next;

	h->reader[who].has = l;
	if (l) {
		h->reader[who].next = l->newer;
		h->reader[who].lines--;
		h->reader[who].bytes -= l->n;
	}
	trim(h);
	return l;
}

int
past_full(const struct past *h)
{
	int i;

	for (i = 0; i < PAST_READERS; i++)
		if (h->reader[i].lines > PAST_LINES ||
		    h->reader[i].bytes > PAST_BYTES)
			return 1;
	return 0;
}

const char *
past_recall(struct past *h, int older, size_t *n)
{
	struct past_line *l = h->recalled;

	do
		if (older)
			l = l ? l->older : h->newest;
		else
			l = l ? l->newer : NULL;
	while (l && l->n <= 1);
	if (l || !older)
		h->recalled = l;
	if (!l)
		return NULL;
	*n = l->n - (l->text[l->n - 1] == '\n');
	return l->text;
}

void
past_free(struct past *h)
{
	struct past_line *l;

	while ((l = h->oldest)) {
		h->oldest = l->newer;
		free(l);
	}
}
