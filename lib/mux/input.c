/* input: the user's lines, cut into frames and written without blocking.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "mux/input.h"

/* The next message to cut: a line, or the end.  1; 0: not yet; -1 and a
 * fault. */
static int
next(struct input *t, struct message *m, struct fault *f)
{
	int r = 1;

	if (t->line) {
		m->data = (const uint8_t *)t->line;
		m->n = t->line_n;
		t->line = NULL;
	} else {
		r = lines_line(&t->gather, &m->data, &m->n);
	}
	if (r == -1)
		return fault(
		    f, X_USE, "a line is longer than %u bytes", FRAME_MESSAGE);
	if (r == 0 && t->state == INPUT_OPEN)
		return 0;
	m->kind = FRAME_TEXT;
	m->flags = 0;
	m->number = t->number;
	m->time = t->time;
	if (r == 1 || (m->n = lines_rest(&t->gather, &m->data)) > 0) {
		t->number++;
		receipts_add(&t->receipts, m->data, m->n);
		if (t->said)
			t->said(m);
		return 1;
	}
	m->kind = FRAME_END;
	m->flags = t->hangup ? FRAME_HANGUP : 0;
	m->number = 1 + t->number;
	m->time = (uint64_t)clock_wall_us();
	t->state = INPUT_LAST;
	return 1;
}

int
input_fill(struct input *t, struct fault *f)
{
	struct message m;
	size_t n;
	int r;

	for (;;) {
		n = frame_cut_next(&t->cut, t->buf + t->n, FRAME_MAX - t->n);
		t->n += n;
		if (n > 0)
			continue;
		if (frame_cut_left(&t->cut) > 0 || t->state >= INPUT_LAST)
			return 0;
		r = next(t, &m, f);
		if (r <= 0)
			return t->n > 0 ? 0 : r;
		frame_cut_begin(&t->cut, &m, FRAME_DATA);
	}
}

int
input_read(struct input *t, int fd, struct fault *f)
{
	size_t room;
	uint8_t *p = lines_room(&t->gather, &room);
	ssize_t n;

	if (!p)
		return fault_memory(f);
	n = read(fd, p, room);
	if (n == -1 && errno != EINTR && errno != EAGAIN)
		return fault_sys(f, X_SYS, "cannot read the input");
	if (n == -1)
		return 0;
	t->time = (uint64_t)clock_wall_us();
	lines_add(&t->gather, (size_t)n);
	if (n == 0)
		t->state = INPUT_ENDED;
	return 0;
}

void
input_line(struct input *t, const char *p, size_t n, uint64_t time)
{
	t->line = p;
	t->line_n = n;
	t->time = time;
}

int
input_receipt(struct input *t, uint32_t number)
{
	struct frame fr = {
	    .kind = FRAME_DELIVERED, .number = number, .pieces = 1};

	if (t->state >= INPUT_LAST || FRAME_MAX - t->n < FRAME_HEAD)
		return 0;
	fr.time = (uint64_t)clock_wall_us();
	frame_put(t->buf + t->n, &fr);
	t->n += FRAME_HEAD;
	return 1;
}

int
input_idle(const struct input *t)
{
	return !t->line && frame_cut_left(&t->cut) == 0;
}

int
input_write(struct input *t, int fd, struct fault *f)
{
	ssize_t n = write(fd, t->buf + t->at, t->n - t->at);

	if (n == -1 && errno == EPIPE)
		return 1;
	if (n == -1 && errno != EINTR && errno != EAGAIN)
		return fault_sys(f, X_SYS, "cannot write frames");
	if (n > 0)
		t->at += (size_t)n;
	if (t->at == t->n)
		t->at = t->n = 0;
	return 0;
}
