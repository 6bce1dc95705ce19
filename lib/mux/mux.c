/* mux: stdin, as frames on stdout.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/livepipe.h"
#include "mux/lines.h"
#include "mux/mux.h"
#include "wire/frame.h"
#include "wire/pictures.h"

struct mux {
	char kind;
	size_t most;
	uint32_t number;
	struct lines gather;
	struct pictures coded;
	/* The key picture to be repeated at `due`. */
	struct frame_cut again;
	uint8_t *copy;
	size_t room;
	int64_t due;
};

static int
put(struct frame_cut *c, struct fault *f)
{
	uint8_t frame[FRAME_MAX];
	size_t n;

	while ((n = frame_cut_next(c, frame, sizeof(frame))) > 0)
		if (io_write(1, frame, n) == -1)
			return fault_sys(f, X_SYS, "cannot write frames");
	return 0;
}

static int
send(struct mux *fr, struct message *m, struct fault *f)
{
	struct frame_cut c;

	m->kind = (uint8_t)fr->kind;
	m->number = fr->number++;
	frame_cut_begin(&c, m, fr->most);
	if (put(&c, f) == -1)
		return -1;
	if (fr->most == FRAME_DATA || fr->kind != FRAME_IVF ||
	    !(m->flags & FRAME_KEYPIC))
		return 0;
	/* Never shrink it: freeing and regrowing would fragment the heap. */
	if (buf_grow(&fr->copy, &fr->room, m->n) == -1)
		return fault_memory(f);
	memcpy(fr->copy, m->data, m->n);
	m->data = fr->copy;
	frame_cut_begin(&fr->again, m, fr->most);
	fr->due = clock_ms() + MUX_AGAIN;
	return 0;
}

static int
pictures(struct mux *fr, uint64_t now, struct fault *f)
{
	enum pictures_kind want =
	    fr->kind == FRAME_IVF ? PICTURES_IVF : PICTURES_JPEG;
	struct message m = {0};
	struct pictures_pic pic;
	int r;

	while ((r = pictures_next(&fr->coded, &pic, f)) == 1) {
		if (fr->coded.kind != want)
			break;
		/* An encoder may write an empty picture for one it dropped. */
		if (pic.n == 0)
			continue;
		m.time = pic.time ? pic.time : now;
		m.flags = pic.key ? FRAME_KEYPIC : 0;
		m.data = pic.p;
		m.n = pic.n;
		if (send(fr, &m, f) == -1)
			return -1;
	}
	if (r != -1 && fr->coded.kind != PICTURES_NONE &&
	    fr->coded.kind != want)
		return fault(f, X_PEER, "stdin: expected %s",
		    want == PICTURES_IVF ? "IVF, found JPEG"
		                         : "JPEG, found IVF");
	return r;
}

/* Send the messages read so far; end: no more will follow. */
static int
messages(struct mux *fr, int end, struct fault *f)
{
	struct message m = {.time = (uint64_t)clock_wall_us()};
	int r;

	if (fr->kind == FRAME_JPEG || fr->kind == FRAME_IVF) {
		if (!end)
			return pictures(fr, m.time, f);
		if (fr->kind == FRAME_JPEG && fr->coded.kind == PICTURES_NONE)
			return 0;
		return pictures_end(&fr->coded, f);
	}
	while (fr->kind == FRAME_TEXT &&
	       (r = lines_line(&fr->gather, &m.data, &m.n)) != 0) {
		if (r == -1)
			return fault(f, X_USE, "a line is longer than %u bytes",
			    FRAME_MESSAGE);
		if (send(fr, &m, f) == -1)
			return -1;
	}
	if (fr->kind == FRAME_TEXT && !end)
		return 0;
	m.n = lines_rest(&fr->gather, &m.data);
	return m.n > 0 ? send(fr, &m, f) : 0;
}

/* One read.  Its length, 0 at the end, -1 and a fault. */
static ssize_t
fetch(struct mux *fr, struct fault *f)
{
	int coded = fr->kind == FRAME_JPEG || fr->kind == FRAME_IVF;
	size_t room;
	uint8_t *p = coded ? pictures_room(&fr->coded, &room)
	                   : lines_room(&fr->gather, &room);
	ssize_t n;

	if (!p)
		return fault_memory(f);
	n = io_read(0, p, room);
	if (n == -1)
		return fault_sys(f, X_SYS, "cannot read");
	if (coded)
		pictures_add(&fr->coded, (size_t)n);
	else
		lines_add(&fr->gather, (size_t)n);
	return n;
}

/* Wait for stdin until then; *ended: the other end of `over` closed first. 1 or
 * 0; -1 and errno. */
static int
await(int over, int64_t until, int *ended)
{
	struct pollfd p[2] = {{.fd = 0, .events = POLLIN}, {.fd = over}};
	int r = io_poll(p, 2, until);

	*ended = r > 0 && p[1].revents;
	return r > 0 ? p[0].revents != 0 : r;
}

static int
run(struct mux *fr, int over, struct fault *f)
{
	struct message end = {.kind = FRAME_END};
	struct frame_cut c;
	ssize_t n = 1;
	int r, again, ended;

	while (n > 0) {
		again = frame_cut_left(&fr->again) > 0;
		r = await(over, again ? fr->due : INT64_MAX, &ended);
		if (r == -1)
			return fault_sys(f, X_SYS, "poll");
		if (ended)
			break;
		if (again && clock_ms() >= fr->due && put(&fr->again, f) == -1)
			return -1;
		if (r == 0)
			continue;
		n = fetch(fr, f);
		if (n == -1 || messages(fr, n == 0, f) == -1)
			return -1;
	}
	if (frame_cut_left(&fr->again) > 0 && !ended) {
		(void)poll(NULL, 0, io_left(fr->due));
		if (put(&fr->again, f) == -1)
			return -1;
	}
	end.time = (uint64_t)clock_wall_us();
	/* With pictures, another program may write t and b: count none. */
	if (fr->kind == FRAME_TEXT || fr->kind == FRAME_BYTES)
		end.number = 1 + fr->number;
	frame_cut_begin(&c, &end, fr->most);
	return put(&c, f);
}

int
mux_run(char kind, size_t most, int over, struct fault *f)
{
	struct mux fr = {.kind = kind, .most = most};
	int r;

	if (kind == FRAME_JPEG || kind == FRAME_IVF) {
		livepipe_pipe(0);
		livepipe_pipe(1);
	}
	r = run(&fr, over, f);
	lines_free(&fr.gather);
	pictures_free(&fr.coded);
	free(fr.copy);
	return r;
}
