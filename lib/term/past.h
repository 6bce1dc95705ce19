/* past: the lines a person has typed: a history, and a queue for those who send
 * them and show them.
 * SPDX-License-Identifier: ISC */
#ifndef TERM_PAST_H
#define TERM_PAST_H

#include <stddef.h>
#include <stdint.h>

/* What waits for a reader is beside the history, so both may be twice that. */
enum { PAST_LINES = 500, PAST_BYTES = 1 << 20 };

struct past_line {
	struct past_line *older, *newer;
	uint64_t time;
	size_t n;
	char text[]; /* with its newline, if it has one */
};

enum past_reader { PAST_SENDER, PAST_SCREEN, PAST_READERS };

/* Begin with zeros. */
struct past {
	struct past_line *oldest, *newest;
	size_t lines, bytes;
	struct past_line *recalled; /* the one that is shown again, or NULL */
	/* Each reader's: the one it has, the next, how many, how long. */
	struct {
		struct past_line *has, *next;
		size_t lines, bytes;
	} reader[PAST_READERS];
};

/* Add n bytes and the newline, which may be "".  0, or -1 and errno. */
int
past_add(struct past *h, const char *text, size_t n, const char *newline,
    uint64_t time);

/* The next for that reader, which stays in place until he asks again; NULL:
 * there is none. */
const struct past_line *
past_next(struct past *h, enum past_reader who);

/* Does more wait for a reader than the history has room for? */
int
past_full(const struct past *h);

/* Recall the next older or newer line that is not empty; its length without
 * the newline in *n.  NULL, with nothing recalled any more, beyond the newest;
 * NULL, with no change, beyond the oldest. */
const char *
past_recall(struct past *h, int older, size_t *n);

void
past_free(struct past *h);

#endif
