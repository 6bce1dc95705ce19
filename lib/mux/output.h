/* output: frames, shown to the user as lines and written without blocking.
 * SPDX-License-Identifier: ISC */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "base/fault.h"
#include "mux/render.h"
#include "wire/inorder.h"

enum output_end { OUTPUT_NO_END, OUTPUT_FINISHED, OUTPUT_HUNG_UP };

/* Set how; the rest is zero. */
struct output {
	struct render_how how;
	enum output_end end; /* what the other side's end said */
	uint32_t lines; /* lines that began to be shown; wraps */
	uint32_t receipt; /* the last that came, of our lines; with receipts */
	int receipts;
	void (*said)(const struct message *m); /* each line, or NULL */
	int eof; /* the frames have ended, too */
	struct inorder whole;
	struct render show;
	uint8_t raw[16384];
	const uint8_t *p; /* bytes read and not used yet */
	size_t left;
	char buf[4096]; /* fits into any pipe that polls writable */
	size_t at, n; /* waiting bytes are from at up to n */
};

/* If nothing waits, put the next part to be shown into s->buf.  0, or -1 and a
 * fault. */
int
output_fill(struct output *s, struct fault *f);

/* When fd is readable and nothing waits: read once.  0, or -1 and a fault;
 * frames that stop without an end are not a fault here. */
int
output_read(struct output *s, int fd, struct fault *f);

/* When fd is writable: write what waits, once.  0; 1: the reader has gone; -1
 * and a fault. */
int
output_write(struct output *s, int fd, struct fault *f);

#endif
