/* chat-cam: a camera's pictures on stdout, the newest always first.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cam.h"
#include "die.h"
#include "live.h"
#include "num.h"
#include "tick.h"
#include "vis.h"
#include "y4m.h"

#define USAGE                                                                  \
	"chat-cam [-d device] [-g WxH] [-r fps] [-f y4m|mjpeg] [-n count]\n"   \
	"chat-cam -L"

enum { STALLED = 10000 }; /* milliseconds without a picture are too many */

static int
size(char *s, struct cam_want *want)
{
	char *x = strchr(s, 'x');
	long w, h;

	if (!x)
		return -1;
	*x = '\0';
	if (num_parse(s, Y4M_LEAST, Y4M_MOST, &w) == -1 ||
	    num_parse(x + 1, Y4M_LEAST, Y4M_MOST, &h) == -1)
		return -1;
	want->w = (unsigned)w;
	want->h = (unsigned)h;
	return 0;
}

static int out; /* what was stdout */
static FILE *table;

/* libv4l's plugins say things on stdout, amid the pictures: that is no longer
 * descriptor 1. */
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
row(const struct cam_mode *m)
{
	char name[VIS_MAX * 32];

	vis_text(name, sizeof(name), m->name, strlen(m->name));
	fprintf(table, "%-12s %-4s %-15s %-32s %s\n", m->device, m->format,
	    m->size, name, *m->fps ? m->fps : "-");
}

static void
list(void)
{
	struct cam_mode head = {"DEVICE", "NAME", "FORM", "SIZE", "FPS"},
	                test = {"test", "built-in moving picture", "YU12",
	                    "16x16-8192x8192", "1-240"};
	int barred = 0, n;

	if (!(table = fdopen(out, "w")))
		die_sys(X_SYS, "stdout");
	row(&head);
	n = cam_list(row, &barred);
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

/* Say in what the camera is not as it was wanted. */
static void
differs(const struct cam *c, const struct cam_want *want)
{
	if (c->w != want->w || c->h != want->h)
		say("the camera has no %ux%u: giving %ux%u", want->w, want->h,
		    c->w, c->h);
	if (c->den && (uint64_t)want->fps * c->den != c->num)
		say("the camera has no %u pictures a second: giving %.4g",
		    want->fps, (double)c->num / c->den);
}

/* Begin with a picture; the first has the stream's line before it. */
static void
start(struct live *to, const struct cam *c, const struct cam_pic *pic, int jpeg,
    int first)
{
	struct y4m y = {c->w, c->h, c->num, c->den, 1, 1};
	char head[2 * Y4M_LINE];
	size_t n = 0;

	if (!jpeg && first)
		n = y4m_head_put(head, &y);
	if (!jpeg)
		n += y4m_frame_put(head + n, pic->time);
	live_start(to, head, n, pic->data, pic->n);
}

/* Pass on pictures: count of them, or until the camera fails: -1. */
static int
stream(struct cam *c, int jpeg, long count, struct fault *f)
{
	struct pollfd p[2] = {{.events = POLLIN}};
	struct cam_pic pic;
	struct live to;
	unsigned long tell = 1;
	int64_t seen = tick_ms();
	long done = 0;
	int ms, have = 0; /* what take said */

	live_open_wide(&to, out);
	while (done < count && (have != -1 || live_busy(&to))) {
		p[0].fd = have == -1 ? -1 : c->fd;
		ms = live_poll(&to, have == 1, &p[1], STALLED);
		if (poll(p, 2, ms) == -1) {
			if (errno != EINTR)
				die_sys(X_SYS, "poll");
			continue;
		}
		if (p[0].revents)
			have = c->take(c, f);
		if (p[1].revents && have == 1 && !live_busy(&to)) {
			have = 0;
			if (c->get(c, &pic))
				start(&to, c, &pic, jpeg, done == 0);
		}
		if (p[1].revents && live_busy(&to)) {
			if (live_step(&to) == -1)
				die_sys(X_SYS, "stdout");
			done += !live_busy(&to);
			seen = tick_ms();
		}
		if (c->damaged >= tell) {
			say("damaged pictures dropped: %lu", c->damaged);
			tell = c->damaged * 10;
		}
		if (have == 0 && !live_busy(&to) && tick_ms() - seen >= STALLED)
			have = fault(f, X_TIME,
			    "no picture from the camera for %d seconds",
			    STALLED / 1000);
	}
	if (c->damaged * 10 > tell)
		say("damaged pictures dropped: %lu", c->damaged);
	return have == -1 ? -1 : 0;
}

int
main(int argc, char **argv)
{
	struct cam_want want = {.w = 640, .h = 480, .fps = 30};
	struct cam *c;
	struct fault f;
	const char *device = NULL;
	long n, count = LONG_MAX;
	int o, all = 0;

	prog_start(argv[0]);
	while ((o = getopt(argc, argv, "Ld:f:g:n:r:")) != -1)
		switch (o) {
		case 'L':
			all = 1;
			break;
		case 'd':
			device = optarg;
			break;
		case 'f':
			want.jpeg = strcmp(optarg, "mjpeg") == 0;
			if (!want.jpeg && strcmp(optarg, "y4m") != 0)
				usage(USAGE);
			break;
		case 'g':
			if (size(optarg, &want) == -1)
				usage(USAGE);
			break;
		case 'n':
			if (num_parse(optarg, 1, LONG_MAX, &count) == -1)
				usage(USAGE);
			break;
		case 'r':
			if (num_parse(optarg, 1, 240, &n) == -1)
				usage(USAGE);
			want.fps = (unsigned)n;
			break;
		default:
			usage(USAGE);
		}
	if (argc > optind)
		usage(USAGE);
	if (!all && isatty(1))
		die(X_USE, "stdout is a terminal: pipe it into chat-view");
	aside();
	if (all) {
		list();
		return 0;
	}
	if ((device && strcmp(device, "test") == 0
	            ? cam_test(&c, &want, &f)
	            : cam_open(&c, device, &want, &f)) == -1)
		die_fault(&f);
	differs(c, &want);
	o = stream(c, want.jpeg, count, &f);
	c->close(c);
	if (o == -1)
		die_fault(&f);
	return 0;
}
