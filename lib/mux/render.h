/* render: a text message as a person reads it, `13:05:59 alice: hello`.
 * SPDX-License-Identifier: ISC */
#ifndef RENDER_H
#define RENDER_H

#include "wire/frame.h"

enum {
	RENDER_LEAST = 1024, /* least bytes to give render_next */
	RENDER_NAME = 256, /* most bytes of a name, with its NUL */
	RENDER_FORMAT = 128 /* most letters of a time format */
};

struct render_how {
	int raw; /* the bytes as they are, and nothing else */
	int own; /* the user's own, `13:05:59 > hello` */
	const char *format; /* strftime(3)'s; empty: no time */
	char name[RENDER_NAME]; /* harmless (vis.h) */
};

struct render {
	const struct render_how *how;
	uint64_t time;
	const uint8_t *p;
	size_t n;
	int part; /* what comes next: 0 nothing, 1 the head, 2 the text */
};

/* Fill in h->name: name made harmless; `peer` if it is NULL or empty. */
void
render_name(struct render_how *h, const char *name);

/* Begin with a message, whose bytes must stay in place. */
void
render_begin(
    struct render *s, const struct render_how *how, const struct message *m);

/* Is there more of it? */
int
render_busy(const struct render *s);

/* Write the next part to out, which has at least RENDER_LEAST bytes.  Its
 * length; 0 when all has been given, or for a struct of zeros. */
size_t
render_next(struct render *s, char *out, size_t cap);

#endif
