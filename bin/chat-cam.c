/* chat-cam: a camera's pictures on stdout, newest first.
 * SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/opt.h"
#include "base/prog.h"
#include "base/vis.h"
#include "sandbox/landlock.h"
#include "sandbox/seccomp.h"
#include "video/camera.h"
#include "video/latest.h"
#include "wire/y4m.h"

#define USAGE                                                                  \
	"chat-cam [-d device] [-g WxH] [-r fps] [-f y4m|mjpeg] [-n count]\n"   \
	"chat-cam -L"

/* WxH */
static void
size(const char *text, struct camera_want *want)
{
	const char *x = strchr(text, 'x');
	char width[16] = "";
	long w, h;

	if (x && (size_t)(x - text) < sizeof(width))
		memcpy(width, text, (size_t)(x - text));
	if (!x || opt_parse(width, Y4M_LEAST, Y4M_MOST, &w) == -1 ||
	    opt_parse(x + 1, Y4M_LEAST, Y4M_MOST, &h) == -1)
		die(X_USE, "-g %s: not a size such as 640x480 (%d to %d)", text,
		    Y4M_LEAST, Y4M_MOST);
	want->w = (unsigned)w;
	want->h = (unsigned)h;
}

static int out; /* what was stdout */
static FILE *table;

/* libv4l's plugins print on stdout, which would spoil the pictures: keep stdout
 * under another number and make descriptor 1 harmless. */
static void
aside(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	out = fcntl(1, F_DUPFD_CLOEXEC, 3);
	if (null == -1 || out == -1 || dup2(null, 1) == -1)
		die_sys(X_SYS, "stdout");
	close(null);
}

static void
row(const struct camera_mode *m)
{
	char name[VIS_MAX * 32];

	vis_text(name, sizeof(name), m->name, strlen(m->name));
	fprintf(table, "%-12s %-4s %-15s %-32s %s\n", m->device, m->format,
	    m->size, name, *m->fps ? m->fps : "-");
}

static void
list(void)
{
	struct camera_mode head = {"DEVICE", "NAME", "FORM", "SIZE", "FPS"},
	                   test = {"test", "built-in moving picture", "YU12",
	                       "16x16-8192x8192", "1-240"};
	int barred = 0, n;

	if (!(table = fdopen(out, "w")))
		die_sys(X_SYS, "stdout");
	row(&head);
	n = devices_list(row, &barred);
	row(&test);
	if (fflush(table) == EOF)
		die_sys(X_SYS, "stdout");
	if (barred)
		say("%d more may not be opened: join the group video, and "
		    "log in again",
		    barred);
	else if (n == 0)
		say("no camera is here");
}

/* Say how the camera differs from what was asked for. */
static void
differs(const struct camera *c, const struct camera_want *want)
{
	if (c->w != want->w || c->h != want->h)
		say("the camera has no %ux%u: giving %ux%u", want->w, want->h,
		    c->w, c->h);
	if (c->den && (uint64_t)want->fps * c->den != c->num)
		say("the camera has no %u pictures a second: giving %.4g",
		    want->fps, (double)c->num / c->den);
}

static void
damaged(unsigned long n)
{
	say("damaged pictures dropped: %lu", n);
}

int
main(int argc, char **argv)
{
	struct camera_want want = {.w = 640, .h = 480, .fps = 30};
	struct camera *c;
	struct fault f;
	const char *device = NULL;
	const char *opt[128] = {0};
	long count = LONG_MAX;
	int o;

	prog_start(argv[0]);
	if (prog_options(opt, argc, argv, "Ld:f:g:n:r:", USAGE) < argc)
		usage(USAGE);
	device = opt['d'];
	want.jpeg = opt['f'] && strcmp(opt['f'], "mjpeg") == 0;
	if (opt['f'] && !want.jpeg && strcmp(opt['f'], "y4m") != 0)
		die(X_USE, "-f %s: not y4m or mjpeg", opt['f']);
	if (opt['g'])
		size(opt['g'], &want);
	if (opt['n'])
		count = prog_number(
		    'n', opt['n'], 1, LONG_MAX, "number of pictures");
	if (opt['r'])
		want.fps = (unsigned)prog_number(
		    'r', opt['r'], 1, 240, "number of pictures a second");
	if (!opt['L'] && isatty(1))
		die(X_USE, "stdout is a terminal: pipe it into chat-view");
	aside();
	if (opt['L']) {
		list();
		return 0;
	}
	must(device && strcmp(device, "test") == 0
	         ? testcam_open(&c, &want, &f)
	         : camera_open(&c, device, &want, &f),
	    &f);
	differs(c, &want);
	/* The device is open, and no other file will be opened. */
	prog_caged(landlock_close(landlock_begin(0)), "Landlock");
	prog_caged(
	    seccomp_enter(c->fd == -1 ? 0 : MAY_CONTROL, c->fd), "seccomp");
	o = latest_feed(c, out, want.jpeg, count, damaged, &f);
	c->close(c);
	must(o, &f);
	return 0;
}
