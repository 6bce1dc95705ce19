/* show: a text message as a person reads it, `13:05:59 alice: hello`.
 * SPDX-License-Identifier: ISC */
#ifndef SHOW_H
#define SHOW_H

#include "frame.h"

enum {
	SHOW_LEAST = 1024, /* least bytes to give show_next */
	SHOW_NAME = 256, /* most bytes of a name, with its NUL */
	SHOW_FORMAT = 128 /* most letters of a time format */
};

struct show_how {
	int raw; /* the bytes as they are, and nothing else */
	int own; /* the user's own, `13:05:59 > hello` */
	const char *format; /* strftime(3)'s; empty: no time */
	char name[SHOW_NAME]; /* harmless (vis.h) */
};

struct show {
	const struct show_how *how;
	uint64_t time;
	const uint8_t *p;
	size_t n;
	int part; /* what comes next: 0 nothing, 1 the head, 2 the text */
};

/* Fill in h->name: name made harmless; `peer` if it is NULL or empty. */
void
show_name(struct show_how *h, const char *name);

/* Begin with a message, whose bytes must stay in place. */
void
show_begin(struct show *s, const struct show_how *how, const struct message *m);

/* Is there more of it? */
int
show_busy(const struct show *s);

/* Write the next part to out, which has at least SHOW_LEAST bytes.  Its
 * length; 0 when all has been given, or for a struct of zeros. */
size_t
show_next(struct show *s, char *out, size_t cap);

#endif
