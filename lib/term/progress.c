/* progress: the line on the terminal that shows how far files have come.
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

enum {
	EVERY = 250, /* milliseconds between two drawings */
	STALLED = 3000 /* without a byte, until the line says stalled */
};

void
progress_start(struct progress *p, int quiet)
{
	*p = (struct progress){.quiet = quiet, .on = !quiet && isatty(2)};
	progress_begin(p, 0);
}

void
progress_begin(struct progress *p, uint64_t total)
{
	p->total = total;
	p->begun = p->last = clock_ms();
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

void
progress_took(const struct progress *p, char out[static 24])
{
	unsigned ms = (unsigned)(clock_ms() - p->begun), s = (ms + 500) / 1000;

	if (ms < 950)
		snprintf(out, 24, "0.%u s", ms < 150 ? 1 : (ms + 50) / 100);
	else if (s < 100)
		snprintf(out, 24, "%u s", s);
	else
		snprintf(
		    out, 24, "%u:%02u:%02u", s / 3600, s / 60 % 60, s % 60);
}

/* The part after the name: bytes, percent, time left, rate. */
static void
figures(const struct progress *p, int64_t now, char out[static 100])
{
	char amount[24], rate[24], part[24] = "", left[40] = "";
	double speed = (double)p->moved * 1000 / (double)(now - p->begun + 1);
	int stalled = now - p->last >= STALLED;
	uint64_t s;

	progress_bytes(amount, p->done);
	progress_bytes(rate, (uint64_t)speed);
	if (p->total >= p->done && p->total > 0)
		snprintf(part, sizeof(part), "  %u%%",
		    (unsigned)(100.0 * (double)p->done / (double)p->total));
	if (*part && speed >= 1) {
		s = (uint64_t)((double)(p->total - p->done) / speed);
		snprintf(left, sizeof(left), "  %u:%02u:%02u left",
		    (unsigned)(s / 3600), (unsigned)(s / 60 % 60),
		    (unsigned)(s % 60));
	}
	if (stalled)
		snprintf(out, 100, "  %s%s  stalled", amount, part);
	else
		snprintf(out, 100, "  %s%s%s  %s/s", amount, *left ? part : "",
		    left, rate);
}

static void
draw(struct progress *p, int64_t now)
{
	char name[4 * sizeof(p->name) + 1], tail[100], line[1400];
	struct winsize w;
	size_t wide = 80, room, n;

	p->next = now + EVERY;
	if (ioctl(2, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
		wide = w.ws_col;
	figures(p, now, tail);
	/* Leave the last column free, or some terminals wrap. */
	room = wide > strlen(tail) + 2 ? wide - strlen(tail) : 1;
	vis_text(name, room < sizeof(name) ? room : sizeof(name), p->name,
	    strlen(p->name));
	n = (size_t)snprintf(line, sizeof(line), "\r\033[K%s%s", name, tail);
	(void)io_write(2, line, n);
	p->shown = 1;
}

void
progress_moved(struct progress *p, size_t n)
{
	int64_t now;

	p->moved += n;
	p->done += n;
	if (!p->on || p->begun == 0)
		return;
	now = clock_ms();
	if (n > 0)
		p->last = now;
	if (now >= p->next)
		draw(p, now);
}

void
progress_name(struct progress *p, const char *name, size_t len)
{
	/* Of a long path keep the end: it tells more than the beginning. */
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

void
progress_tell(struct progress *p, const char *fmt, ...)
{
	char text[1000];
	va_list ap;

	if (p->quiet)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	progress_clear(p);
	tell("%s", text);
}
