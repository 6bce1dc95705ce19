/* chat-decode: VP8 in IVF, or JPEGs, in; raw pictures out, as they happen.
 * SPDX-License-Identifier: ISC */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "coded.h"
#include "die.h"
#include "io.h"
#include "live.h"
#include "turbo.h"
#include "vp8.h"

struct shot {
	struct y4m y4m;
	uint64_t time;
	uint8_t *body;
	size_t room;
	int there;
};

static struct vp8_dec *vp8;
static struct turbo *turbo;
static struct live to;
static struct shot newest, going; /* waiting; on its way out */
static unsigned long shown, late, bad;

/* Begin to write the newest picture. */
static void
start(void)
{
	struct shot was = going;
	char head[2 * Y4M_LINE];
	size_t n = 0;

	going = newest;
	newest = was;
	newest.there = 0;
	if (going.y4m.w != was.y4m.w || going.y4m.h != was.y4m.h)
		n = y4m_head_put(head, &going.y4m);
	n += y4m_frame_put(head + n, going.time);
	live_start(&to, head, n, going.body, y4m_bytes(&going.y4m));
	shown++;
}

static void
step(void)
{
	if (live_step(&to) == -1)
		die_sys(X_SYS, "stdout");
}

/* A picture to show takes the place of one that was not begun yet. */
static void
keep(const struct planes *p, uint64_t time)
{
	size_t want;

	late += (unsigned)newest.there;
	newest.y4m = (struct y4m){.w = p->w, .h = p->h};
	newest.time = time;
	want = y4m_bytes(&newest.y4m);
	if (newest.room < want) {
		newest.body = realloc(newest.body, want);
		if (!newest.body)
			die_sys(X_SYS, "memory");
		newest.room = want;
	}
	planes_pack(newest.body, p);
	newest.there = 1;
}

static void
decode(const struct coded_pic *pic, enum coded_kind kind)
{
	struct planes p;
	struct fault f;
	int hidden = 0, good;

	if (kind == CODED_IVF) {
		if (!vp8 && !(vp8 = vp8_dec_new(&f)))
			die_fault(&f);
		good = vp8_dec_put(vp8, pic->p, pic->n, &p, &hidden);
	} else {
		if (!turbo && !(turbo = turbo_new(&f)))
			die_fault(&f);
		good = turbo_put(turbo, pic->p, pic->n, &p);
	}
	if (good && planes_fit(p.w, p.h))
		keep(&p, pic->time);
	else
		bad += !hidden;
}

/* All that is still to be written, however long it takes. */
static void
flush(void)
{
	while (live_busy(&to) || newest.there) {
		if (!live_busy(&to))
			start();
		if (io_wait(1, POLLOUT, INT64_MAX) == -1)
			die_sys(X_SYS, "stdout");
		step();
	}
}

/* Take what one read gives.  0 at the end. */
static int
take(struct coded *in, int live)
{
	struct coded_pic pic;
	struct fault f;
	uint8_t *room;
	size_t n;
	ssize_t got;
	int r;

	room = coded_room(in, &n);
	if (!room || (got = io_read(0, room, n)) == -1)
		die_sys(X_SYS, room ? "stdin" : "memory");
	coded_add(in, (size_t)got);
	while ((r = coded_next(in, &pic, &f)) == 1) {
		decode(&pic, in->kind);
		if (!live)
			flush();
	}
	if (r == 0 && (got > 0 || coded_end(in, &f) == 0))
		return got > 0;
	flush(); /* what came before the fault was good */
	die_fault(&f);
}

int
main(int argc, char **argv)
{
	struct coded in = {0};
	struct pollfd p[2] = {{.fd = 0, .events = POLLIN}};
	int c, ms, live, verbose = 0;

	prog_start(argv[0]);
	while ((c = getopt(argc, argv, "v")) != -1)
		if (c == 'v')
			verbose = 1;
		else
			goto usage;
	if (optind != argc)
	usage:
		usage("chat-decode [-v]");

	live = live_now(0, 1);
	live_pipe(0);
	live_open_wide(&to, 1);
	for (;;) {
		ms = live_poll(&to, newest.there, &p[1], -1);
		if (poll(p, 2, ms) == -1)
			continue;
		if (p[1].revents) {
			if (!live_busy(&to))
				start();
			step();
		}
		if (p[0].revents && !take(&in, live))
			break;
	}
	flush();
	if (verbose)
		say("%lu pictures shown, %lu too late, %lu not whole", shown,
		    late, bad);
	vp8_dec_free(vp8);
	turbo_free(turbo);
	coded_free(&in);
	free(newest.body);
	free(going.body);
	return 0;
}
