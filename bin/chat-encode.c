/* chat-encode: encode raw pictures to VP8 in IVF as they come.
 * SPDX-License-Identifier: ISC */
#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/livepipe.h"
#include "base/opt.h"
#include "base/prog.h"
#include "sandbox/seccomp.h"
#include "video/own.h"
#include "video/reader.h"
#include "video/vp8.h"
#include "wire/ivf.h"

#define USAGE "chat-encode [-v] [-b kbit] [-I fd] [-K fd]"

enum {
	KEY_EVERY = 2000000, /* most us between key pictures */
	KEY_ASKED = 300, /* least ms between requested key pictures */
	BITS_LEAST = 10, /* kbit/s */
	BITS_MOST = 100000
};

static int keyfd = -1;
static int over; /* keyfd was closed: the pictures have no reader */

static long told; /* kbit/s of the path; 0: unknown */
static int wish; /* a key picture was requested */

/* Read a byte from keyfd: part of a line `r KBIT`, or a request for a key
 * picture, which is any other byte. */
static void
hear_byte(char c)
{
	static long rate = -1; /* the number so far; -1: not in an r line */

	if (c == '\n') {
		told = rate > 0 ? rate : told;
		rate = -1;
	} else if (rate >= 0 && c >= '0' && c <= '9') {
		rate = rate > BITS_MOST ? rate : rate * 10 + (c - '0');
	} else if (c == 'r') {
		rate = 0;
	} else if (c != ' ') {
		wish = 1;
	}
}

/* Is a requested key picture due?  At most one in KEY_ASKED ms; an earlier
 * request waits. */
static int
asked(void)
{
	static int64_t last;
	struct pollfd p = {.fd = keyfd, .events = POLLIN};
	char buf[65536]; /* as much as a pipe holds */
	ssize_t n, i;

	if (keyfd != -1 && poll(&p, 1, 0) > 0) {
		n = io_read(keyfd, buf, sizeof(buf));
		if (n < 1) {
			keyfd = -1;
			over = 1;
			return 0;
		}
		for (i = 0; i < n; i++)
			hear_byte(buf[i]);
	}
	if (!wish || (last && clock_ms() - last < KEY_ASKED))
		return 0;
	wish = 0;
	last = clock_ms();
	return 1;
}

/* The kbit/s to use: what the user asked for, or less if the path has less. */
static long
bits(long most)
{
	if (told == 0 || told > most)
		return most;
	return told < BITS_LEAST ? BITS_LEAST : told;
}

/* The time of a picture without one: its arrival or, if it does not come live,
 * its turn. */
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
	const char *opt[128] = {0};
	struct vp8_coded out;
	struct vp8_enc *enc = NULL;
	struct reader p;
	struct live to;
	struct own own;
	struct fault f;
	uint8_t head[IVF_HEAD + IVF_PIC_HEAD];
	uint64_t time, lastkey = 0;
	unsigned long n = 0, coded = 0, keys = 0;
	long kbit = 1000;
	unsigned w = 0, h = 0;
	int r, live, key = 1;

	prog_start(argv[0]);
	if (prog_options(opt, argc, argv, "b:I:K:v", USAGE) < argc)
		usage(USAGE);
	if (opt['b'])
		kbit = prog_number(
		    'b', opt['b'], BITS_LEAST, BITS_MOST, "number of kbit/s");
	if (opt['K'])
		keyfd = prog_fd('K', opt['K']);

	live = livepipe_now(0, 1);
	livepipe_open(&to, 1);
	own_open(&own, opt['I'] ? prog_fd('I', opt['I']) : -1);
	reader_open(&p, 0);
	prog_caged(seccomp_enter(0, -1), "seccomp");
	for (;;) {
		if (live && io_wait(1, POLLOUT, INT64_MAX) == -1)
			die_sys(X_SYS, "stdout");
		do
			r = reader_newest(&p, live, -1, &f);
		while (r == READER_MORE);
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
		/* A known path repairs losses: send key pictures on request
		 * only. */
		key |= asked() || (told == 0 && time - lastkey >= KEY_EVERY);
		if (over)
			break;
		must(vp8_enc_rate(enc, (unsigned)bits(kbit), &f), &f);
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
		if (own_give(&own, &p.y4m, p.pic) == -1)
			die_memory();
	}
	vp8_enc_free(enc);
	own_free(&own);
	reader_free(&p);
	must(r, &f);
	if (opt['v'])
		say("%lu pictures coded, %lu of them key pictures; %lu dropped",
		    coded, keys, p.dropped);
	return 0;
}
