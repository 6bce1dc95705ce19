/* chat-decode: VP8 in IVF, or JPEGs, in; raw pictures out, as they happen.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "coded.h"
#include "die.h"
#include "io.h"
#include "newest.h"
#include "sandbox.h"
#include "turbo.h"
#include "vp8.h"

static struct vp8_dec *vp8;
static struct turbo *turbo;
static struct newest out;
static unsigned long bad;

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
	if (!good)
		bad += !hidden;
	else if (newest_keep(&out, &p, pic->time) == -1)
		die_sys(X_SYS, "memory");
}

static void
flush(void)
{
	if (newest_flush(&out) == -1)
		die_sys(X_SYS, "stdout");
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
	newest_open(&out, 1);
	sandbox();
	for (;;) {
		ms = newest_poll(&out, &p[1], -1);
		if (poll(p, 2, ms) == -1) {
			if (errno != EINTR)
				die_sys(X_SYS, "poll");
			continue;
		}
		if (p[1].revents && newest_step(&out) == -1)
			die_sys(X_SYS, "stdout");
		if (p[0].revents && !take(&in, live))
			break;
	}
	flush();
	if (verbose)
		say("%lu pictures shown, %lu too late, %lu not whole",
		    out.shown, out.late, bad);
	vp8_dec_free(vp8);
	turbo_free(turbo);
	coded_free(&in);
	newest_free(&out);
	return 0;
}
