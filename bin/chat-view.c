/* chat-view: show raw pictures in a window, newest first.
 * SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/chat.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/livepipe.h"
#include "base/opt.h"
#include "base/prog.h"
#include "base/vis.h"
#include "mux/delay.h"
#include "sandbox/landlock.h"
#include "sandbox/withhold.h"
#include "video/lips.h"
#include "video/png.h"
#include "video/reader.h"
#include "video/window.h"

enum {
	EVENTS = 10, /* ms between checks of the user's input */
	AGELESS = 3600000 /* ms: what is older has no capture time */
};

#define USAGE                                                                  \
	"chat-view [-efmUv] [-I fd] [-n title] [-o seconds] [-p file.png]\n"   \
	"          [-y fd]"

static struct reader in;
static struct window *win;
static struct delay age;
static unsigned long shown;
static char title[256];
static int linesfd = -1;
static int poor; /* the path, as a line there said */
static struct lips lips;
static struct reader own = {.fd = -1}; /* -I */
static int64_t old = INT64_MAX; /* ms: a picture of that age is */
static int64_t last; /* clock_ms() when one was shown; 0: none was */
static unsigned long skipped; /* pictures that others due with them replaced */
static int confined;

/* Xlib ends the program by itself, with 1, when the window system goes. */
static void
gone(int code, void *arg)
{
	(void)arg;
	if (code == 1)
		_exit(X_SYS);
}

/* Allow files that SDL, the window system's libraries and a GPU's driver may
 * open at any time, in their own threads. */
static void
fence(const char *png)
{
	static const char *const read[] = {"/etc", "/lib", "/lib64", "/nix",
	    "/opt", "/proc", "/run", "/sys", "/tmp/.X11-unix", "/usr",
	    "/var/cache/fontconfig", "/var/lib/dbus", "/dev/urandom"};
	static const char *const change[] = {"/dev/dri", "/dev/kfd",
	    "/dev/null", "/dev/nvidia0", "/dev/nvidiactl",
	    "/dev/nvidia-modeset", "/dev/shm", "/dev/udmabuf", "/dev/zero"};
	static const char *const home_read[] = {
	    ".Xauthority", ".drirc", ".icons", ".local/share/icons"};
	const char *home = getenv("HOME"), *runtime = getenv("XDG_RUNTIME_DIR");
	const char *authority = getenv("XAUTHORITY"), *slash;
	int fd = landlock_begin(1);
	char path[4096];
	size_t i;

	for (i = 0; i < sizeof(read) / sizeof(*read); i++)
		landlock_add(fd, read[i], 0);
	for (i = 0; i < sizeof(change) / sizeof(*change); i++)
		landlock_add(fd, change[i], 1);
	for (i = 0; home && i < sizeof(home_read) / sizeof(*home_read); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", home, home_read[i]);
		landlock_add(fd, path, 0);
	}
	if (authority)
		landlock_add(fd, authority, 0);
	if (runtime)
		landlock_add(fd, runtime, 0);
	if (png) {
		slash = strrchr(png, '/');
		(void)snprintf(path, sizeof(path), "%.*s",
		    slash ? (int)(slash - png) + 1 : 1, slash ? png : ".");
		landlock_add(fd, path, 1);
	}
	prog_caged(landlock_close(fd), "Landlock");
}

/* A fault of the window's; one that was there may have gone by the cage. */
static _Noreturn void
broken(const struct fault *f)
{
	if (confined && (win || getenv(CHAT_VERBOSE)))
		say("this may come of being confined%s%s: -U shows without",
		    win ? ", the driver is " : "",
		    win ? window_driver(win) : "");
	die_fault(f);
}

/* The driver of a graphics processor failed, perhaps by the cage: do without. */
static void
fall_back(const struct fault *why)
{
	char driver[64];

	(void)snprintf(driver, sizeof(driver), "%s", window_driver(win));
	if (window_soften(win) == -1)
		broken(why);
	say("%s: %s: drawn by software from now on%s", driver, why->text,
	    confined ? "; -U shows unconfined" : "");
}

static void
show(const struct y4m *y, const uint8_t *pic, uint64_t time)
{
	struct fault f;
	int64_t now;

	window_dim(win, 0);
	last = clock_ms();
	if (window_show(win, y, pic, &f) == -1) {
		fall_back(&f);
		if (window_show(win, y, pic, &f) == -1)
			broken(&f);
	}
	now = clock_wall_us();
	if (time && now - (int64_t)time < AGELESS * INT64_C(1000))
		delay_count(&age, time, now);
	shown++;
}

/* A picture is whole: show it, or keep it until its sound is heard. */
static void
take(void)
{
	int64_t now = clock_us(), wait = 0;

	if (in.time)
		wait =
		    lips_wait(&lips, clock_wall_us() - (int64_t)in.time, now);
	/* Do not overtake waiting pictures. */
	if ((wait == 0 && lips.n == 0) ||
	    lips_put(&lips, &in.y4m, in.pic, in.time, in.seen, wait, now) == -1)
		show(&in.y4m, in.pic, in.time);
}

/* Show the newest of those that have waited long enough. */
static void
show_due(void)
{
	const struct lips_picture *p, *newest = NULL;
	int64_t now = clock_us();

	while ((p = lips_take(&lips, now)) != NULL) {
		skipped += newest != NULL;
		newest = p;
	}
	if (newest)
		show(&newest->y4m, newest->pic, newest->time);
}

static void
tell_all(void)
{
	if (age.n)
		say("%lu pictures shown, %lu dropped; "
		    "age %.1f ms (median), %.1f ms (99th percentile)",
		    shown, in.dropped + skipped,
		    (double)delay_percentile(&age, 50) / 1000,
		    (double)delay_percentile(&age, 99) / 1000);
	else
		say("%lu pictures shown, %lu dropped", shown,
		    in.dropped + skipped);
}

static void
keep(const char *path)
{
	struct fault f;
	uint8_t *rgb = window_rgb(&in.y4m, in.pic);

	if (!rgb)
		die_memory();
	must(png_save(path, in.y4m.w, in.y4m.h, rgb, &f), &f);
	free(rgb);
}

/* The name, and behind it what is wrong; an old picture is also dark. */
static void
entitle(void)
{
	static char told[sizeof(title) + 60];
	int64_t since = last ? clock_ms() - last : 0;
	char text[sizeof(told)];

	if (since >= old)
		(void)snprintf(text, sizeof(text),
		    "%s (no picture for %" PRId64 " s%s)", title, since / 1000,
		    poor ? ", poor path" : "");
	else
		(void)snprintf(text, sizeof(text), "%s%s", title,
		    poor ? " (poor path)" : "");
	if (strcmp(text, told) != 0)
		window_title(win, strcpy(told, text));
	window_dim(win, since >= old);
}

/* Use a line of chat-link -w or chat-phone -y; unknown ones may be from later
 * versions. */
static void
hear_line(const char *line)
{
	int minus = strncmp(line, "age -", 5) == 0; /* their clock is ahead */
	long us;

	if (strcmp(line, "path poor") == 0)
		poor = 1;
	else if (strcmp(line, "path good") == 0)
		poor = 0;
	else if (strncmp(line, "age ", 4) == 0 &&
	         opt_parse(line + 4 + minus, 0, LONG_MAX, &us) == 0)
		lips_sound(&lips, minus ? -us : us, clock_us());
}

/* Read linesfd; lines that are too long are ignored. */
static void
hear(void)
{
	static char line[32];
	static size_t n;
	char buf[1024];
	ssize_t got, i;

	if (linesfd == -1 || io_wait(linesfd, POLLIN, 0) == 0)
		return;
	got = io_read(linesfd, buf, sizeof(buf));
	if (got <= 0)
		linesfd = -1;
	for (i = 0; i < got; i++) {
		if (buf[i] != '\n') {
			line[n] = buf[i];
			n += n < sizeof(line) - 1;
			continue;
		}
		line[n] = '\0';
		hear_line(line);
		n = 0;
	}
}

/* Take what there is of -I.  The other pictures go on, whatever is wrong with
 * it. */
static void
take_own(void)
{
	int r, reads = 0;
	struct fault f;

	/* A picture takes three, and its writer waits for the next. */
	do
		r = reader_newest(&own, 0, 0, &f);
	while (
	    r == READER_MORE && ++reads < 8 && io_wait(own.fd, POLLIN, 0) > 0);
	if (r == READER_MORE)
		return;
	window_corner(win, &own.y4m, r == READER_PIC ? own.pic : NULL);
	if (r != READER_PIC)
		own.fd = -1;
}

/* Show pictures until the user or the stream ends it: READER_END or -1. */
static int
run(struct fault *f)
{
	int r, live = livepipe_now(0, 0);
	int64_t looked = 0;

	do {
		if (clock_ms() - looked >= EVENTS) {
			looked = clock_ms();
			hear();
			entitle();
			if (own.fd != -1)
				take_own();
			if (window_events(win))
				return READER_END;
		}
		r = reader_newest(
		    &in, live, lips_next(&lips, EVENTS, clock_us()), f);
		if (r == READER_PIC)
			take();
		show_due();
	} while (r == READER_PIC || r == READER_MORE);
	/* The stream has ended: show the last picture all the same. */
	if (lips.n > 0)
		show(&in.y4m, in.pic, in.time);
	return r;
}

int
main(int argc, char **argv)
{
	const char *name = getenv(CHAT_PEER), *png;
	struct fault f;
	const char *opt[128] = {0};
	int r;

	prog_start(argv[0]);
	if (prog_options(opt, argc, argv, "efI:mn:o:p:Uvy:", USAGE) < argc)
		usage(USAGE);
	png = opt['p'];
	if (opt['I'])
		reader_open(&own, prog_fd('I', opt['I']));
	if (opt['o'])
		old = 1000 *
		      prog_number('o', opt['o'], 1, 86400, "number of seconds");
	if (opt['y'])
		linesfd = prog_fd('y', opt['y']);
	if (opt['n'])
		name = opt['n'];
	if (!name || !*name)
		name = "chat";
	vis_text(title, sizeof(title), name, strlen(name));
	if (png)
		must(png_can_save(png, &f), &f);
	on_exit(gone, NULL);
	confined = !opt['U'];
	if (confined)
		fence(png);
	win = window_open(title, opt['f'] != NULL, opt['m'] != NULL, &f);
	if (!win)
		broken(&f);
	if (confined)
		prog_caged(withhold_enter(), "seccomp");
	reader_open(&in, 0);
	in.may_be_empty = opt['e'] != NULL;
	r = run(&f);
	window_close(win);
	if (png && shown)
		keep(png);
	if (opt['v'])
		tell_all();
	must(r, &f);
	reader_free(&in);
	reader_free(&own);
	lips_free(&lips);
	return 0;
}
