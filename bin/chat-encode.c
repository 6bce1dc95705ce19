/* chat-encode: raw pictures in, VP8 in IVF out, as they happen.
 * SPDX-License-Identifier: ISC */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/livepipe.h"
#include "base/opt.h"
#include "base/prog.h"
#include "sandbox/seccomp.h"
#include "video/reader.h"
#include "video/vp8.h"
#include "wire/ivf.h"

enum {
	KEY_EVERY = 2000000, /* us between key pictures, at the most */
	KEY_ASKED = 300 /* ms between those asked for, at the least */
};

static int keyfd = -1;
static int over; /* nobody is left to ask: nobody looks any more */

/* Was a key picture asked for?  Whatever can be read asks; once in a while is
 * often enough, and what came too soon is answered then. */
static int
asked(void)
{
	static int64_t last;
	struct pollfd p = {.fd = keyfd, .events = POLLIN};
	char buf[65536]; /* all that a pipe holds */

	if (keyfd == -1 || (last && clock_ms() - last < KEY_ASKED) ||
	    poll(&p, 1, 0) < 1)
		return 0;
	if (read(keyfd, buf, sizeof(buf)) < 1) {
		keyfd = -1;
		over = 1;
		return 0;
	}
	last = clock_ms();
	return 1;
}

/* The time of a picture that tells none: when it came; or, where nobody waits
 * for it, when its turn is. */
static uint64_t
when(const struct reader *p, int live, unsigned long n)
{
	if (p->time)
		return p->time;
	if (live || p->y4m.num == 0)
		return p->seen;
	return (uint64_t)((double)n * p->y4m.den / p->y4m.num * 1e6);
}

int
main(int argc, char **argv)
{
	struct vp8_coded out;
	struct vp8_enc *enc = NULL;
	struct reader p;
	struct live to;
	struct fault f;
	uint8_t head[IVF_HEAD + IVF_PIC_HEAD];
	uint64_t time, lastkey = 0;
	unsigned long n = 0, coded = 0, keys = 0;
	long kbit = 1000, num;
	unsigned w = 0, h = 0;
	int c, r, live, verbose = 0, key = 1;

	prog_start(argv[0]);
	while ((c = getopt(argc, argv, "b:K:v")) != -1) {
		switch (c) {
		case 'b':
			if (opt_parse(optarg, 10, 100000, &kbit) == -1)
				die(X_USE, "-b wants 10 to 100000 kbit/s");
			break;
		case 'K':
			if (opt_parse(optarg, 3, 1023, &num) == -1 ||
			    !fd_open((int)num))
				die(X_USE, "-K wants an open descriptor");
			keyfd = (int)num;
			break;
		case 'v':
			verbose = 1;
			break;
		default:
			goto usage;
		}
	}
	if (optind != argc)
	usage:
		usage("chat-encode [-v] [-b kbit] [-K fd]");

	live = livepipe_now(0, 1);
	livepipe_open(&to, 1);
	reader_open(&p, 0);
	seccomp_enter();
	for (;;) {
		if (live && io_wait(1, POLLOUT, INT64_MAX) == -1)
			die_sys(X_SYS, "stdout");
		r = reader_newest(&p, live, &f);
		if (r != READER_PIC)
			break;
		if (!enc || p.y4m.w != w || p.y4m.h != h) {
			vp8_enc_free(enc);
			w = p.y4m.w;
			h = p.y4m.h;
			enc = vp8_enc_new(w, h, (unsigned)kbit, live, &f);
			if (!enc)
				die_fault(&f);
		}
		time = when(&p, live, n++);
		key |= asked() || time - lastkey >= KEY_EVERY;
		if (over)
			break;
		must(vp8_enc_put(enc, p.pic, time, key, &out, &f), &f);
		if (out.n == 0) {
			p.dropped++;
			continue;
		}
		if (out.key) {
			lastkey = time;
			key = 0;
			keys++;
		}
		ivf_head_put(head, w, h);
		ivf_pic_put(head + IVF_HEAD, out.n, time);
		livepipe_start(&to, coded ? head + IVF_HEAD : head,
		    coded ? IVF_PIC_HEAD : sizeof(head), out.p, out.n);
		coded++;
		do
			if (io_wait(1, POLLOUT, INT64_MAX) == -1 ||
			    livepipe_step(&to) == -1)
				die_sys(X_SYS, "stdout");
		while (livepipe_busy(&to));
	}
	vp8_enc_free(enc);
	reader_free(&p);
	must(r, &f);
	if (verbose)
		say("%lu pictures coded, %lu of them key pictures; %lu dropped",
		    coded, keys, p.dropped);
	return 0;
}
