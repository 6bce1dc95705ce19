/* chat-frame: text, bytes and pictures to frames, and back.
 * SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/chat.h"
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
    "chat-frame -d [-qrv] [-a ms] [-k kind] [-m bytes] [-K fd] [-t format]\n"
    "           [-n name] [-o kind=fd ...]";

static const char *const names[DEMUX_KINDS] = {
    "text", "mjpeg", "ivf", "audio", "bytes", "k"};

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
	how->out[k - demux_kinds] = prog_fd('o', s + 2);
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
	const char *opt[128] = {0}, *value;
	int over = -1, c, k;
	size_t at = 0;
	const char *name = getenv(CHAT_PEER);
	long most = FRAME_DATA;
	char kind = '\0';
	struct fault f;

	prog_start(argv[0]);
	if (prog_options(opt, argc, argv, "de:qrvk:m:a:K:t:n:o:", text) <
	        argc ||
	    (opt['d'] ? !!opt['e']
	              : opt['q'] || opt['r'] || opt['v'] || opt['a'] ||
	                    opt['K'] || opt['t'] || opt['n'] || opt['o']))
		usage(text);
	if (opt['e'])
		over = prog_fd('e', opt['e']);
	if (opt['k'])
		kind = kind_of(opt['k']);
	if (opt['m'])
		most = prog_number('m', opt['m'], FRAME_CUT_LEAST, FRAME_DATA,
		    "number of bytes");
	if (opt['a'])
		how.late = 1000 * prog_number('a', opt['a'], 1, 3600000,
		                      "number of milliseconds");
	if (opt['K'])
		how.ask = prog_fd('K', opt['K']);
	if (opt['t'])
		how.show.format = opt['t'];
	if (opt['n'])
		name = opt['n'];
	how.show.raw = opt['r'] != NULL;
	while ((value = prog_again('o', &at)) != NULL)
		output(&how, value);
	if (strlen(how.show.format) > RENDER_FORMAT)
		die(X_USE, "-t: the format is too long");
	tzset(); /* reads files, so before the cage */
	prog_caged(seccomp_enter(0, -1), "seccomp");
	if (!opt['d']) {
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
	if (opt['v'])
		tell_all(&report);
	if (c == -1 && opt['q'] && report.broke_off)
		return X_PEER;
	must(c == -1 ? -1 : 0, &f);
	/* End the readers' input now, although the writer of stdin may go on;
	 * read that to its end, so that the writer gets no broken pipe. */
	for (k = 0; k < DEMUX_KINDS; k++)
		if (how.out[k] != -1)
			close(how.out[k]);
	while (io_read(0, (char[4096]){0}, 4096) > 0)
		;
	must(c == 1 ? -1 : 0, &f);
	return 0;
}
