/* output: frames on their way to the user as lines, never blocking.
 * SPDX-License-Identifier: ISC */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "base/fault.h"
#include "mux/render.h"
#include "wire/inorder.h"

enum output_end { OUTPUT_NO_END, OUTPUT_FINISHED, OUTPUT_HUNG_UP };

/* Begin with zeros, but for how. */
struct output {
	struct render_how how;
	enum output_end end; /* what the other side has said */
	uint32_t lines; /* that were begun to be shown; wraps */
	uint32_t receipt; /* the last that came, of our lines; with receipts */
	int receipts;
	void (*said)(const struct message *m); /* each line, or NULL */
	int eof; /* and the frames are at their end too */
	struct inorder whole;
	struct render show;
	uint8_t raw[16384];
	const uint8_t *p; /* what was read and is not yet used */
	size_t left;
	char buf[4096]; /* fits into a pipe that polls writable */
	size_t at, n; /* what waits is from at up to n */
};

/* Put the next of what is to be shown into s->buf, if nothing waits.  0, or -1
 * and a fault. */
int
output_fill(struct output *s, struct fault *f);

/* When fd polls readable and nothing waits: read once.  0, or -1 and a fault; a
 * frame stream that ends without an end is no fault here. */
int
output_read(struct output *s, int fd, struct fault *f);

/* When fd polls writable: write once what waits.  0; 1:
 * nobody reads it; -1 and a fault. */
int
output_write(struct output *s, int fd, struct fault *f);

#endif
