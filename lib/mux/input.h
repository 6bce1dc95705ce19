/* input: the user's lines, cut into frames and written without blocking.
 * SPDX-License-Identifier: ISC */
#ifndef INPUT_H
#define INPUT_H

#include "base/fault.h"
#include "mux/lines.h"
#include "mux/receipts.h"
#include "wire/frame.h"

enum input_state {
	INPUT_OPEN, /* more may come */
	INPUT_ENDED, /* all was read */
	INPUT_LAST, /* the last frames wait, e among them */
	INPUT_DONE /* all is written, or the reader has gone */
};

/* Begin with zeros. */
struct input {
	enum input_state state;
	int hangup; /* the end is to end the other side too */
	struct lines gather;
	const char *line; /* a line from an editor, or NULL */
	size_t line_n;
	struct frame_cut cut;
	uint8_t buf[FRAME_MAX]; /* frames for one write that cannot block */
	size_t at, n; /* waiting bytes are from at up to n */
	uint32_t number;
	struct receipts receipts; /* for the lines sent */
	uint64_t time; /* when the newest byte was read */
	void (*said)(const struct message *m); /* each that goes out, or NULL */
};

/* Fill t->buf with as many frames as there are and fit.  0, or -1 and a fault
 * for a line that is too long (X_USE), after all before it. */
int
input_fill(struct input *t, struct fault *f);

/* When fd is readable and nothing waits: read once.  0, or -1 and a fault. */
int
input_read(struct input *t, int fd, struct fault *f);

/* Instead of input_read, when input_idle: send a line typed at that time, which
 * stays in place until input_idle again. */
void
input_line(struct input *t, const char *p, size_t n, uint64_t time);

/* Send a receipt, that the other side's line `number` is shown, if there is
 * room and e is not out.  1 or 0. */
int
input_receipt(struct input *t, uint32_t number);

/* 1 if all bytes read or given are in t->buf, else 0. */
int
input_idle(const struct input *t);

/* When fd is writable: write what waits, once.  0; 1: the reader has gone; -1
 * and a fault. */
int
input_write(struct input *t, int fd, struct fault *f);

#endif
