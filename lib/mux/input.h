/* input: the user's lines on their way into frames, never blocking.
 * SPDX-License-Identifier: ISC */
#ifndef INPUT_H
#define INPUT_H

#include "base/fault.h"
#include "mux/lines.h"
#include "mux/receipts.h"
#include "wire/frame.h"

enum input_state {
	INPUT_OPEN, /* there may be more */
	INPUT_ENDED, /* all was read */
	INPUT_LAST, /* what waits are the last frames, e among them */
	INPUT_DONE /* all is out, or nobody takes it */
};

/* Begin with zeros. */
struct input {
	enum input_state state;
	int hangup; /* the end asks the other side to end too */
	struct lines gather;
	const char *line; /* of an editor's, or NULL */
	size_t line_n;
	struct frame_cut cut;
	uint8_t buf[FRAME_MAX]; /* frames, in one write that cannot block */
	size_t at, n; /* they wait from at up to n */
	uint32_t number;
	struct receipts receipts; /* for what went out */
	uint64_t time; /* when the newest byte was read */
	void (*said)(const struct message *m); /* each that goes out, or NULL */
};

/* Put frames into t->buf, as many as there are and fit.  0, or -1 and a fault:
 * a line is too long (X_USE); all before it is out. */
int
input_fill(struct input *t, struct fault *f);

/* When fd polls readable and nothing waits: read once.  0, or -1 and a fault. */
int
input_read(struct input *t, int fd, struct fault *f);

/* Instead of input_read, when input_idle: a line that was typed at that time and
 * stays in place until input_idle again. */
void
input_line(struct input *t, const char *p, size_t n, uint64_t time);

/* Say that the other side's line `number` is shown, where there is room and it is not
 * too late.  1 or 0. */
int
input_receipt(struct input *t, uint32_t number);

/* Is every byte that was read or given in t->buf? */
int
input_idle(const struct input *t);

/* When fd polls writable: write once what waits.  0; 1: nobody takes it; -1 and
 * a fault. */
int
input_write(struct input *t, int fd, struct fault *f);

#endif
