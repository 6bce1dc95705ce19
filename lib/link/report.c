/* report: tell people when the path changes.
 * SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "link/report.h"

enum {
	LOSES = 3, /* percent from which loss is reported */
	POOR = 5, /* percent */
	LOOKS = 40, /* before the rate is reported, */
	SMOOTH = 12, /* an average over this many */
	SILENT = 2000000, /* us */
	FAST = 1500000, /* bit/s: higher rates are not reported */
	GOOD_AFTER = 3000000 /* us */
};

static int
percent(const struct lane_state *s)
{
	return (int)(s->loss * 100 + 0.5);
}

static int
change_silence(struct report *r, const struct lane_state *s, char *line)
{
	int silent = s->quiet > SILENT;

	if (silent == r->silent)
		return 0;
	r->silent = silent;
	(void)snprintf(line, REPORT_LINE, "%s",
	    silent ? "nothing comes back: waiting for the path"
	           : "the path is back");
	return 1;
}

static int
change_loss(struct report *r, const struct lane_state *s, char *line)
{
	int loss = percent(s), was = r->loss;

	if (was == 0 ? loss < LOSES
	             : loss > LOSES / 2 && loss < 2 * was && 2 * loss > was)
		return 0;
	r->loss = loss < LOSES ? 0 : loss;
	if (r->loss)
		(void)snprintf(
		    line, REPORT_LINE, "the path loses %d %%: repairing", loss);
	else
		(void)snprintf(
		    line, REPORT_LINE, "the path loses next to nothing now");
	return r->loss != was;
}

/* Report only rates that are, or were, low. */
static int
change_rate(struct report *r, const struct lane_state *s, char *line)
{
	double now;

	/* Smooth the rate: do not report each swing. */
	r->coder +=
	    (8 * s->coder - r->coder) / (r->looks < SMOOTH ? r->looks : SMOOTH);
	now = r->coder;
	/* At first the rate is still being found. */
	if (!s->pictures || r->looks < LOOKS)
		return 0;
	if (!r->low && now > r->rate)
		r->rate = now;
	if (!r->low && (now > FAST || now > r->rate / 2))
		return 0;
	if (r->low && now > r->rate / 2 && now < 2 * r->rate)
		return 0;
	r->low = now < r->rate;
	r->rate = now;
	(void)snprintf(line, REPORT_LINE, "the path is %s %.0f kbit/s",
	    r->low ? "down to" : "up to", now / 1000);
	return 1;
}

int
report_change(
    struct report *r, const struct lane_state *s, char line[static REPORT_LINE])
{
	r->looks++;
	return change_silence(r, s, line) || change_loss(r, s, line) ||
	       change_rate(r, s, line);
}

int
report_poor(struct report *r, const struct lane_state *s, int64_t now)
{
	int poor = percent(s) >= POOR || s->quiet > SILENT / 2;

	if (poor)
		r->poor_at = now;
	if (!poor && r->poor && now < r->poor_at + GOOD_AFTER)
		return -1;
	if (poor == r->poor)
		return -1;
	r->poor = poor;
	return poor;
}

size_t
report_line(const struct lane_state *s, char line[static REPORT_LINE])
{
	int n = snprintf(line, REPORT_LINE,
	    "rtt=%.1f queue=%.1f loss=%.3f rate=%.0f coder=%.0f sent=%lu "
	    "resent=%lu repaired=%lu given_up=%lu mode=%s quiet=%.1f\n",
	    (double)s->rtt / 1e3, (double)s->queue / 1e3, s->loss,
	    s->rate / 125, s->coder / 125, s->sent, s->resent, s->recovered,
	    s->given_up, s->sharing ? "shared" : "alone",
	    (double)s->quiet / 1e6);

	return n > 0 && n < REPORT_LINE ? (size_t)n : 0;
}
