/* demux: frames from stdin, the messages of each kind to its descriptor.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/livepipe.h"
#include "mux/demux.h"
#include "wire/anyorder.h"
#include "wire/inorder.h"
#include "wire/ivf.h"
#include "wire/jpeg.h"

const char demux_kinds[DEMUX_KINDS + 1] = "tjiabk";
enum { T, J, I, A, B, K };

struct demux {
	const struct demux_how *how;
	struct demux_report *report;
	char wanted[DEMUX_KINDS + 1];
	struct frame_in in;
	struct inorder whole; /* on a path without loss */
	struct anyorder *lossy; /* on a path with loss */
	int64_t ended; /* clock_ms() of e; 0: not yet */
	uint32_t all; /* the number in e */
	struct delay path;
	/* For coded pictures. */
	uint32_t next; /* number of the picture that the decoder needs next */
	int begun; /* the IVF header is written */
	int broken; /* waiting for a key picture */
	int64_t asked;
	uint32_t asks;
	int ask, wish; /* descriptors; -1 once the reader has gone */
};

/* Is there room in a pipe for a few bytes?  1 or 0; *fd becomes -1 if the
 * reader has gone. */
static int
ready(int *fd)
{
	int r = *fd == -1 ? 0 : io_wait(*fd, POLLOUT, 0);

	if (r & (POLLERR | POLLNVAL))
		*fd = -1;
	return *fd != -1 && r > 0;
}

/* Request a key picture; if the pipe is full, at the next occasion. */
static int
ask(struct demux *u, struct fault *f)
{
	struct frame fr = {.kind = FRAME_KEYPLEASE, .pieces = 1};
	uint8_t head[FRAME_HEAD];

	if ((u->asked && clock_ms() < u->asked + DEMUX_ASK) || !ready(&u->ask))
		return 0;
	fr.number = u->asks++;
	fr.time = (uint64_t)clock_wall_us();
	frame_put(head, &fr);
	if (io_write(u->ask, head, sizeof(head)) == -1)
		return fault_sys(f, X_SYS, "cannot ask for a key picture");
	u->asked = clock_ms();
	return 0;
}

/* Can a decoder use this message after those it got? */
static int
usable(struct demux *u, int k, const struct message *m)
{
	struct jpeg jpeg = {0};
	unsigned w, h;
	int key;

	if (k == J)
		return jpeg_scan(&jpeg, m->data, m->n) == 1 && jpeg.at == m->n;
	if (k != I)
		return 1;
	key = ivf_key(m->data, m->n, &w, &h);
	if (m->number != u->next || key != (m->flags & FRAME_KEYPIC))
		u->broken = 1;
	if (key == 1 && m->flags & FRAME_KEYPIC)
		u->broken = 0;
	u->next = m->number + 1;
	return !u->broken;
}

static int
write_text(struct demux *u, int fd, const struct message *m)
{
	char out[4096];
	struct render s;
	size_t n;

	render_begin(&s, &u->how->show, m);
	while ((n = render_next(&s, out, sizeof(out))) > 0)
		if (io_write(fd, out, n) == -1)
			return -1;
	return 0;
}

static int
write_ivf(struct demux *u, int fd, const struct message *m)
{
	uint8_t head[IVF_HEAD];
	unsigned w, h;

	if (!u->begun) {
		(void)ivf_key(m->data, m->n, &w, &h);
		ivf_head_put(head, w, h);
		if (io_write(fd, head, IVF_HEAD) == -1)
			return -1;
		u->begun = 1;
	}
	ivf_pic_put(head, m->n, m->time);
	return io_write(fd, head, IVF_PIC_HEAD) == -1 ||
	               io_write(fd, m->data, m->n) == -1
	           ? -1
	           : 0;
}

static int
deliver(struct demux *u, const struct message *m, struct fault *f)
{
	int k = (int)(strchr(demux_kinds, m->kind) - demux_kinds);
	int fd = u->how->out[k], r;
	int64_t now = clock_wall_us();

	if (fd == -1)
		return 0; /* not wanted, only counted */
	u->report->kind[k].whole++;
	if (!u->how->late || (k != J && k != I && k != A))
		(void)delay_excess(&u->path, m->time, now);
	else if (delay_late(&u->path, m->time, now, u->how->late)) {
		u->report->kind[k].late++;
		if (k != I)
			return 0;
		u->broken = 1;
		u->next = m->number + 1;
		return ask(u, f);
	}
	if (!usable(u, k, m)) {
		u->report->kind[k].withheld++;
		return k == I ? ask(u, f) : 0;
	}
	if (k == T)
		r = write_text(u, fd, m);
	else if (k == I)
		r = write_ivf(u, fd, m);
	else if (k == K)
		r = ready(&u->wish) ? io_write(u->wish, "k", 1) : 0;
	else
		r = io_write(fd, m->data, m->n);
	if (r == -1)
		return fault_sys(f, X_SYS, "cannot write");
	delay_count(&u->report->kind[k].age, m->time, now);
	return 0;
}

/* Deliver all whole messages of a path with loss. */
static int
drain(struct demux *u, struct fault *f)
{
	struct message m;

	while (u->lossy && anyorder_next(u->lossy, &m, clock_ms()) == 1)
		if (deliver(u, &m, f) == -1)
			return -1;
	return 0;
}

static int
take(struct demux *u, const struct frame *fr, struct fault *f)
{
	const uint8_t *payload = u->in.buf + FRAME_HEAD;
	struct message m;
	int r;

	if (fr->kind == FRAME_END && !u->ended) {
		u->ended = clock_ms();
		u->all = fr->number;
	}
	if (fr->kind == FRAME_LINK)
		return fault(f, X_PEER, "the other side speaks chat-link: -L");
	if (!u->lossy) {
		r = inorder_take(&u->whole, fr, payload, &m, f);
		return r == 1 && m.kind != FRAME_END ? deliver(u, &m, f) : r;
	}
	do {
		r = anyorder_take(u->lossy, fr, payload, clock_ms());
		if (r == -1)
			return fault_memory(f);
		if (drain(u, f) == -1)
			return -1;
	} while (r == 1);
	return 0;
}

/* Wait for stdin until then.  1 or 0; -1 and errno if a reader of pictures has
 * gone: the next write would find out, but no picture may ever come. */
static int
await(const struct demux *u, int64_t until)
{
	struct pollfd p[3] = {{.fd = 0, .events = POLLIN},
	    {.fd = u->how->out[J]}, {.fd = u->how->out[I]}};
	int r = io_poll(p, 3, until), i;

	for (i = 1; r > 0 && i < 3; i++)
		if (p[i].revents)
			return livepipe_gone(p[i].fd);
	return r;
}

/* Read once, or wait until a waiting message is due. */
static ssize_t
fetch(struct demux *u, struct fault *f)
{
	uint8_t buf[65536];
	const uint8_t *p = buf;
	int64_t until = u->lossy ? anyorder_due(u->lossy) : INT64_MAX;
	struct frame fr;
	size_t left;
	ssize_t n;
	int r;

	if (u->lossy && u->ended && u->ended + ANYORDER_HOLD < until)
		until = u->ended + ANYORDER_HOLD;
	r = await(u, until);
	if (r == -1)
		return fault_sys(f, X_SYS, "cannot write");
	if (r == 0)
		return 1;
	n = io_read(0, buf, sizeof(buf));
	if (n == -1)
		return fault_sys(f, X_SYS, "cannot read frames");
	if (n > 0 && !u->lossy && u->ended)
		return fault(
		    f, X_PEER, "malformed frame: something follows the end");
	left = (size_t)n;
	while ((r = frame_feed(&u->in, &p, &left, &fr)) == 1)
		if (take(u, &fr, f) == -1)
			return -1;
	return r == -1 ? fault(f, X_PEER, "malformed frame") : n;
}

static int
loop(struct demux *u, struct fault *f)
{
	ssize_t n;

	do {
		n = fetch(u, f);
		if (n == -1 || drain(u, f) == -1)
			return -1;
	} while (n > 0 && !(u->lossy && u->ended &&
	                      clock_ms() >= u->ended + ANYORDER_HOLD));
	if (u->lossy)
		anyorder_end(u->lossy);
	if (drain(u, f) == -1)
		return -1;
	u->report->broke_off = !u->ended;
	if (!u->ended)
		return fault(f, X_PEER, "the frames broke off");
	return 0;
}

/* How many t and b are missing: gaps, and by the number in e those at the end.
 * 0, or 1 and a fault. */
static int
complete(const struct demux *u, struct fault *f)
{
	struct anyorder_count t = anyorder_count(u->lossy, FRAME_TEXT);
	struct anyorder_count b = anyorder_count(u->lossy, FRAME_BYTES);
	uint32_t lost = (uint32_t)(t.incomplete + b.incomplete);
	uint32_t whole = (uint32_t)(t.whole + b.whole);

	if (u->how->out[T] == -1 && u->how->out[B] == -1)
		return 0;
	if (u->all && u->all - 1 > whole && u->all - 1 - whole > lost)
		lost = u->all - 1 - whole;
	if (lost == 0)
		return 0;
	(void)fault(f, X_PEER, "%u message%s missing", lost,
	    lost == 1 ? " is" : "s are");
	return 1;
}

int
demux_run(
    const struct demux_how *how, struct demux_report *report, struct fault *f)
{
	struct demux u = {.how = how, .report = report, .broken = 1};
	struct anyorder_count c;
	int k, r, n = 0;

	for (k = 0; k < DEMUX_KINDS; k++)
		if (how->out[k] != -1 || (how->lossy && (k == T || k == B)))
			u.wanted[n++] = demux_kinds[k];
	u.whole.wanted = u.wanted;
	u.ask = how->ask;
	u.wish = how->out[K];
	for (k = J; k <= I; k++)
		if (how->out[k] != -1) {
			livepipe_pipe(how->out[k]);
			livepipe_pipe(0);
		}
	if (how->lossy && !(u.lossy = anyorder_new(u.wanted)))
		return fault_memory(f);
	r = loop(&u, f);
	if (r == 0 && u.lossy)
		r = complete(&u, f);
	for (k = 0; u.lossy && k < DEMUX_KINDS; k++) {
		c = anyorder_count(u.lossy, demux_kinds[k]);
		if (how->out[k] == -1)
			continue;
		report->kind[k].incomplete = c.incomplete;
		report->kind[k].late += c.late;
	}
	if (u.lossy)
		anyorder_free(u.lossy);
	inorder_free(&u.whole);
	return r;
}
