/* chat-frame: text, bytes and pictures into frames, and out of them again.
 * SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/opt.h"
#include "base/prog.h"
#include "mux/demux.h"
#include "mux/mux.h"
#include "sandbox/seccomp.h"
#include "wire/frame.h"

static const char text[] =
    "chat-frame [-e fd] [-k kind] [-m bytes]\n"
    "chat-frame -d [-rv] [-a ms] [-k kind] [-m bytes] [-K fd] [-t format]\n"
    "           [-n name] [-o kind=fd ...]";

static const char *const names[DEMUX_KINDS] = {
    "text", "mjpeg", "ivf", "audio", "bytes", "k"};

static long
number(int c, const char *s, long lo, long hi)
{
	long n;

	if (opt_parse(s, lo, hi, &n) == -1)
		die(X_USE, "-%c: not a number from %ld to %ld: %s", c, lo, hi,
		    s);
	return n;
}

static int
descriptor(int c, const char *s)
{
	long fd;

	if (opt_parse(s, 1, 65535, &fd) == -1)
		die(X_USE, "-%c: not a descriptor: %s", c, s);
	if (!fd_open((int)fd))
		die(X_USE, "descriptor %ld is not open", fd);
	return (int)fd;
}

static char
kind_of(const char *name)
{
	int k;

	for (k = 0; k < DEMUX_KINDS; k++)
		if (strcmp(name, names[k]) == 0 && demux_kinds[k] != 'a' &&
		    demux_kinds[k] != 'k')
			return demux_kinds[k];
	die(X_USE, "-k: not text, bytes, mjpeg or ivf: %s", name);
}

/* KIND=FD */
static void
output(struct demux_how *how, const char *s)
{
	const char *k = *s ? strchr(demux_kinds, *s) : NULL;

	if (!k || s[1] != '=')
		die(X_USE, "-o: not one of t, b, j, i, a, k and =FD: %s", s);
	how->out[k - demux_kinds] = descriptor('o', s + 2);
}

static void
tell_all(const struct demux_report *r)
{
	const struct delay *age;
	int k;

	for (k = 0; k < DEMUX_KINDS; k++) {
		if (r->kind[k].whole + r->kind[k].incomplete == 0)
			continue;
		age = &r->kind[k].age;
		say("%s: %llu whole, %llu incomplete, %llu late, %llu "
		    "withheld; age %.3f ms mean, %.3f ms 99th percentile",
		    names[k], (unsigned long long)r->kind[k].whole,
		    (unsigned long long)r->kind[k].incomplete,
		    (unsigned long long)r->kind[k].late,
		    (unsigned long long)r->kind[k].withheld,
		    delay_mean(age) / 1000,
		    (double)delay_percentile(age, 99) / 1000);
	}
}

int
main(int argc, char *argv[])
{
	static struct demux_report report;
	struct demux_how how = {.out = {-1, -1, -1, -1, -1, -1},
	    .ask = -1,
	    .show.format = "%H:%M:%S"};
	int dflag = 0, vflag = 0, only_d = 0, over = -1, c, k;
	const char *name = getenv("CHAT_PEER");
	long most = FRAME_DATA;
	char kind = '\0';
	struct fault f;

	prog_start(argv[0]);
	while ((c = getopt(argc, argv, "de:rvk:m:a:K:t:n:o:")) != -1) {
		only_d |= strchr("rvaKtno", c) != NULL;
		switch (c) {
		case 'd':
			dflag = 1;
			break;
		case 'e':
			over = descriptor(c, optarg);
			break;
		case 'r':
			how.show.raw = 1;
			break;
		case 'v':
			vflag = 1;
			break;
		case 'k':
			kind = kind_of(optarg);
			break;
		case 'm':
			most = number(c, optarg, FRAME_CUT_LEAST, FRAME_DATA);
			break;
		case 'a':
			how.late = number(c, optarg, 1, 3600000) * 1000;
			break;
		case 'K':
			how.ask = descriptor(c, optarg);
			break;
		case 't':
			how.show.format = optarg;
			break;
		case 'n':
			name = optarg;
			break;
		case 'o':
			output(&how, optarg);
			break;
		default:
			usage(text);
		}
	}
	if (optind < argc || (only_d && !dflag) || (over != -1 && dflag))
		usage(text);
	if (strlen(how.show.format) > RENDER_FORMAT)
		die(X_USE, "-t: the format is too long");
	tzset(); /* reads files */
	seccomp_enter();
	if (!dflag) {
		must(mux_run(kind ? kind : FRAME_TEXT, (size_t)most, over, &f),
		    &f);
		return 0;
	}
	for (k = 0; k < DEMUX_KINDS; k++)
		if (how.out[k] == -1 &&
		    (kind ? kind == demux_kinds[k]
		          : strchr("tb", demux_kinds[k]) != NULL))
			how.out[k] = 1;
	how.lossy = most < FRAME_DATA;
	render_name(&how.show, name);
	c = demux_run(&how, &report, &f);
	if (vflag)
		tell_all(&report);
	must(c == -1 ? -1 : 0, &f);
	/* Its readers need not wait for whoever writes into stdin still; and
	 * who does must not find a broken pipe. */
	for (k = 0; k < DEMUX_KINDS; k++)
		if (how.out[k] != -1)
			close(how.out[k]);
	while (io_read(0, (char[4096]){0}, 4096) > 0)
		;
	must(c == 1 ? -1 : 0, &f);
	return 0;
}
