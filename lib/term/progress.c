/* progress: the line on the terminal that says how far files have come.
 * SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/prog.h"
#include "base/vis.h"
#include "term/progress.h"

enum { EVERY = 250 }; /* milliseconds between two lines */

void
progress_start(struct progress *p, int quiet)
{
	*p = (struct progress){.on = !quiet && isatty(2)};
	progress_begin(p, 0);
}

void
progress_begin(struct progress *p, uint64_t total)
{
	p->total = total;
	p->begun = clock_ms();
	p->next = p->begun + EVERY;
}

void
progress_bytes(char out[static 24], uint64_t n)
{
	static const char unit[] = "kMGTPE";
	double d = (double)n;
	int i;

	if (n < 1000) {
		snprintf(out, 24, "%u byte%s", (unsigned)n, n == 1 ? "" : "s");
		return;
	}
	for (i = -1; d >= 999.5 && i < 5; i++)
		d /= 1000;
	snprintf(out, 24, "%.*f %cB", d < 9.95 ? 1 : 0, d, unit[i]);
}

static void
draw(struct progress *p, int64_t now)
{
	char name[4 * sizeof(p->name) + 1], amount[24], rate[24], more[64] = "";
	char line[1400];
	struct winsize w;
	double speed;
	uint64_t left;
	size_t wide = 80, tail, room, n;

	if (ioctl(2, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
		wide = w.ws_col;
	speed = (double)p->moved * 1000 / (double)(now - p->begun + 1);
	progress_bytes(amount, p->done);
	progress_bytes(rate, (uint64_t)speed);
	if (p->total >= p->done && p->total > 0 && speed >= 1) {
		left = (uint64_t)((double)(p->total - p->done) / speed);
		snprintf(more, sizeof(more), "  %u%%  %u:%02u:%02u left",
		    (unsigned)(100.0 * (double)p->done / (double)p->total),
		    (unsigned)(left / 3600), (unsigned)(left / 60 % 60),
		    (unsigned)(left % 60));
	}
	tail = strlen(amount) + strlen(rate) + strlen(more) + 8;
	room = wide > tail ? wide - tail + 1 : 1;
	vis_text(name, room < sizeof(name) ? room : sizeof(name), p->name,
	    strlen(p->name));
	n = (size_t)snprintf(line, sizeof(line), "\r\033[K%s  %s%s  %s/s", name,
	    amount, more, rate);
	(void)io_write(2, line, n);
	p->shown = 1;
}

void
progress_moved(struct progress *p, size_t n)
{
	int64_t now;

	p->moved += n;
	p->done += n;
	if (!p->on || (now = clock_ms()) < p->next)
		return;
	p->next = now + EVERY;
	draw(p, now);
}

void
progress_name(struct progress *p, const char *name, size_t len)
{
	/* The end of a long path says more than its beginning. */
	size_t over = len < sizeof(p->name) ? 0 : len + 1 - sizeof(p->name);

	snprintf(
	    p->name, sizeof(p->name), "%.*s", (int)(len - over), name + over);
}

void
progress_clear(struct progress *p)
{
	if (p->shown)
		(void)io_write(2, "\r\033[K", 4);
	p->shown = 0;
}

void
progress_say(struct progress *p, const char *fmt, ...)
{
	char text[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	progress_clear(p);
	say("%s", text);
}
