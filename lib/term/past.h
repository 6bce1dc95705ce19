/* past: the lines a person has typed: a history, and a queue to be sent and
 * shown.
 * SPDX-License-Identifier: ISC */
#ifndef TERM_PAST_H
#define TERM_PAST_H

#include <stddef.h>
#include <stdint.h>

/* Limits of the history; waiting lines may be as many besides. */
enum { PAST_LINES = 500, PAST_BYTES = 1 << 20 };

struct past_line {
	struct past_line *older, *newer;
	uint64_t time;
	size_t n;
	char text[]; /* newline included, if it has one */
};

enum past_reader { PAST_SENDER, PAST_SCREEN, PAST_READERS };

/* Begin with zeros. */
struct past {
	struct past_line *oldest, *newest;
	size_t lines, bytes;
	struct past_line *recalled; /* the line shown again, or NULL */
	/* Of each reader: its line, the next one, lines and bytes waiting. */
	struct {
		struct past_line *has, *next;
		size_t lines, bytes;
	} reader[PAST_READERS];
};

/* Add n bytes and the newline (or "").  0, or -1 and errno. */
int
past_add(struct past *h, const char *text, size_t n, const char *newline,
    uint64_t time);

/* The reader's next line, in place until the reader asks again; NULL: none. */
const struct past_line *
past_next(struct past *h, enum past_reader who);

/* 1 if more waits for a reader than the history's limits, else 0. */
int
past_full(const struct past *h);

/* Recall the next older or newer line that is not empty; *n is its length
 * without newline.  NULL beyond the newest, and none is recalled then; NULL
 * beyond the oldest, without a change. */
const char *
past_recall(struct past *h, int older, size_t *n);

void
past_free(struct past *h);

#endif
