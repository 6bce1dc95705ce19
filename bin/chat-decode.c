/* chat-decode: decode VP8 in IVF, or JPEGs, to raw pictures as they come.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/io.h"
#include "base/prog.h"
#include "sandbox/seccomp.h"
#include "video/jpegdec.h"
#include "video/latest.h"
#include "video/vp8.h"
#include "wire/pictures.h"

#define USAGE "chat-decode [-ev]"

static struct vp8_dec *vp8;
static struct jpegdec *turbo;
static struct latest out;
static unsigned long bad;
static int may_be_empty; /* a stream without a byte has ended well */

static void
decode(const struct pictures_pic *pic, enum pictures_kind kind)
{
	struct y4m_planes p;
	struct fault f;
	int hidden = 0, good;

	if (kind == PICTURES_IVF) {
		if (!vp8 && !(vp8 = vp8_dec_new(&f)))
			die_fault(&f);
		good = vp8_dec_put(vp8, pic->p, pic->n, &p, &hidden);
	} else {
		if (!turbo && !(turbo = jpegdec_new(&f)))
			die_fault(&f);
		good = jpegdec_put(turbo, pic->p, pic->n, &p);
	}
	if (!good)
		bad += !hidden;
	else if (latest_keep(&out, &p, pic->time) == -1)
		die_memory();
}

static void
flush(void)
{
	if (latest_flush(&out) == -1)
		die_sys(X_SYS, "stdout");
}

/* Use what one read gives.  0 at the end. */
static int
take(struct pictures *in, int live)
{
	struct pictures_pic pic;
	struct fault f;
	uint8_t *room;
	size_t n;
	ssize_t got;
	int r, empty;

	room = pictures_room(in, &n);
	if (!room)
		die_memory();
	got = io_read(0, room, n);
	if (got == -1)
		die_sys(X_SYS, "stdin");
	pictures_add(in, (size_t)got);
	while ((r = pictures_next(in, &pic, &f)) == 1) {
		decode(&pic, in->kind);
		if (!live)
			flush();
	}
	empty = in->kind == PICTURES_NONE && in->end == 0;
	if (r == 0 &&
	    (got > 0 || (empty && may_be_empty) || pictures_end(in, &f) == 0))
		return got > 0;
	flush(); /* pictures before the fault are good */
	die_fault(&f);
}

int
main(int argc, char **argv)
{
	struct pictures in = {0};
	struct pollfd p[2] = {{.fd = 0, .events = POLLIN}};
	const char *opt[128] = {0};
	int ms, live;

	prog_start(argv[0]);
	if (prog_options(opt, argc, argv, "ev", USAGE) < argc)
		usage(USAGE);
	may_be_empty = opt['e'] != NULL;

	live = livepipe_now(0, 1);
	livepipe_pipe(0);
	latest_open(&out, 1);
	prog_caged(seccomp_enter(0, -1), "seccomp");
	for (;;) {
		ms = latest_poll(&out, &p[1], -1);
		if (poll(p, 2, ms) == -1) {
			if (errno != EINTR)
				die_sys(X_SYS, "poll");
			continue;
		}
		if (p[1].revents && latest_step(&out) == -1)
			die_sys(X_SYS, "stdout");
		if (p[0].revents && !take(&in, live))
			break;
	}
	flush();
	if (opt['v'])
		say("%lu pictures shown, %lu too late, %lu not whole",
		    out.shown, out.late, bad);
	vp8_dec_free(vp8);
	jpegdec_free(turbo);
	pictures_free(&in);
	latest_free(&out);
	return 0;
}
