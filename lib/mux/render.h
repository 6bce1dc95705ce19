/* render: a text message as a person reads it, `13:05:59 alice: hello`.
 * SPDX-License-Identifier: ISC */
#ifndef RENDER_H
#define RENDER_H

#include "wire/frame.h"

enum {
	RENDER_LEAST = 1024, /* bytes of room that render_next needs */
	RENDER_NAME = 256, /* bytes of a name, NUL included */
	RENDER_FORMAT = 128 /* most letters of a time format */
};

struct render_how {
	int raw; /* only the bytes, unchanged */
	int own; /* our line: `13:05:59 > hello` */
	const char *format; /* for strftime(3); empty: no time */
	char name[RENDER_NAME]; /* made harmless (vis.h) */
};

struct render {
	const struct render_how *how;
	uint64_t time;
	const uint8_t *p;
	size_t n;
	int part; /* next part: 0 none, 1 the head, 2 the text */
};

/* Set h->name to name made harmless; to `peer` if it is NULL or empty. */
void
render_name(struct render_how *h, const char *name);

/* Begin with a message, whose bytes must stay in place. */
void
render_begin(
    struct render *s, const struct render_how *how, const struct message *m);

/* 1 if parts are left, else 0. */
int
render_busy(const struct render *s);

/* Write the next part to out, which has at least RENDER_LEAST bytes.  Its
 * length; 0 after the last part, or for a struct of zeros. */
size_t
render_next(struct render *s, char *out, size_t cap);

#endif
