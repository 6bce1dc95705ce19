/* voicescore channels said heard: of a recording of a whole room on stdin, raw
 * samples of 16 bits at 48 kHz, how much later and how well its channel `heard` has
 * what its channel `said` has.  It prints the delay's median, 99th percentile and
 * most in ms, of how many windows of half a second, and STOI (stoi.h).
 * SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdio.h>

#include "base/opt.h"
#include "base/prog.h"

#include "stoi.h"

static const char help[] = "voicescore channels said heard <raw";

enum {
	RATE = 48000,
	MS = 48,
	DFT = 65536,
	WINDOW = 500 * MS,
	STEP = 100 * MS,
	LAGS = 800 * MS, /* that are looked at */
	LOUD = 100, /* in the mean, or nobody speaks */
	RATIO = 24, /* of RATE to STOI_RATE, in fifths */
	TAPS = 240 /* samples on each side */
};

/* Correlation from which on it is the same. */
static const double same = 0.5;

struct sound {
	double *x;
	size_t n;
};

/* How much later what is said from a sample on is heard, in samples; -1: it cannot
 * be told. */
static long
delay_at(const struct sound *said, const struct sound *heard, size_t at)
{
	static double re[DFT], im[DFT], b[DFT];
	double xr, xi, yr, yi, ee = 0, e, best = 0, is;
	long k, lag = -1;

	memset(im, 0, sizeof(im));
	memset(re, 0, sizeof(re));
	/* Differences, or the loudest harmonic would be all that counts.  One
	 * transform does for two real signals. */
	for (k = 1; k < WINDOW; k++)
		re[k] = said->x[at + (size_t)k] - said->x[at + (size_t)k - 1];
	for (k = 1; k < WINDOW + LAGS && at + (size_t)k < heard->n; k++)
		im[k] = heard->x[at + (size_t)k] - heard->x[at + (size_t)k - 1];
	memcpy(b, im, sizeof(b));
	if (stoi_energy(said->x + at, WINDOW) < (double)LOUD * LOUD * WINDOW)
		return -1;
	e = stoi_energy(re, WINDOW);
	stoi_dft(re, im, DFT, -1);
	for (k = 0; k <= DFT / 2; k++) {
		long m = (DFT - k) % DFT;
		double a = re[k], c = im[k], d = re[m], f = im[m];

		xr = (a + d) / 2, xi = (c - f) / 2;
		yr = (c + f) / 2, yi = (d - a) / 2;
		re[k] = yr * xr + yi * xi;
		im[k] = yi * xr - yr * xi;
		re[m] = re[k];
		im[m] = -im[k];
	}
	stoi_dft(re, im, DFT, 1);
	ee = stoi_energy(b, WINDOW);
	for (k = 0; k < LAGS; k++) {
		is = re[k] / DFT / sqrt(e * ee + 1);
		if (is > best) {
			best = is;
			lag = k;
		}
		ee += b[k + WINDOW] * b[k + WINDOW] - b[k] * b[k];
	}
	return best >= same ? lag : -1;
}

/* At STOI_RATE, below half of it; taps are those of a fifth of a sample each. */
static struct sound
slower(const struct sound *s)
{
	static double taps[5][2 * TAPS];
	struct sound out = {.n = s->n * 5 / RATIO};
	double t, cut = 0.95 * STOI_RATE / RATE;
	size_t i, at;
	int f, k;

	out.x = calloc(out.n + 1, sizeof(*out.x));
	for (f = 0; f < 5; f++)
		for (k = 0; k < 2 * TAPS; k++) {
			t = k - TAPS + 1 - f / 5.;
			taps[f][k] =
			    t == 0 ? cut : sin(M_PI * cut * t) / M_PI / t;
			taps[f][k] *= 0.5 + 0.5 * cos(M_PI * t / (TAPS + 1));
		}
	for (i = 0; out.x && i < out.n; i++) {
		at = i * RATIO / 5;
		f = (int)(i * RATIO % 5);
		for (k = 0; k < 2 * TAPS; k++)
			if (at + (size_t)k + 1 >= TAPS &&
			    at + (size_t)k + 1 - TAPS < s->n)
				out.x[i] += taps[f][k] *
				            s->x[at + (size_t)k + 1 - TAPS];
	}
	return out;
}

static int
order(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

/* What is heard, each STEP as much earlier as it is late there: what is judged is
 * how it sounds, not when it comes. */
static void
align(const struct sound *heard, double *out, const long *late, size_t steps)
{
	size_t i, k, at;
	long now = 0, next;

	for (i = 0; i < steps && late[i] < 0; i++)
		continue;
	now = i < steps ? late[i] : 0;
	for (i = 0; i < steps; i++) {
		/* The middle of a window is what its delay is of. */
		next =
		    i >= WINDOW / STEP / 2 ? late[i - WINDOW / STEP / 2] : -1;
		now = next >= 0 ? next : now;
		for (k = 0; k < STEP; k++) {
			at = i * STEP + k;
			out[at] = at + (size_t)now < heard->n
			              ? heard->x[at + (size_t)now]
			              : 0;
		}
	}
}

static void
judge(struct sound *said, struct sound *heard)
{
	size_t steps = said->n / STEP, i, n = 0;
	long *late = calloc(2 * steps + 1, sizeof(*late)),
	     *sorted = late + steps;
	struct sound near = {calloc(steps * STEP + 1, sizeof(double)),
	                 steps * STEP},
	             a, b;
	double score;

	if (!late || !near.x)
		die_memory();
	for (i = 0; i < steps; i++) {
		late[i] = -1;
		if (i * STEP + WINDOW + LAGS < said->n)
			late[i] = delay_at(said, heard, i * STEP);
		if (late[i] >= 0)
			sorted[n++] = late[i];
	}
	if (n == 0)
		die(X_PEER, "what is said is not heard");
	qsort(sorted, n, sizeof(*sorted), order);
	align(heard, near.x, late, steps);
	said->n = near.n;
	a = slower(said);
	b = slower(&near);
	if (!a.x || !b.x)
		die_memory();
	score = stoi(a.x, b.x, a.n);
	printf("%.1f %.1f %.1f %zu %.3f\n", (double)sorted[n / 2] / MS,
	    (double)sorted[n * 99 / 100] / MS, (double)sorted[n - 1] / MS, n,
	    score);
}

int
main(int argc, char **argv)
{
	struct sound said = {0}, heard = {0};
	long channels, x, y;
	int16_t all[32];
	size_t room = 0;

	prog_start(argv[0]);
	if (argc != 4)
		usage(help);
	channels = prog_number('c', argv[1], 1, 32, "number of channels");
	x = prog_number('c', argv[2], 1, channels, "channel");
	y = prog_number('c', argv[3], 1, channels, "channel");
	while (fread(all, sizeof(*all), (size_t)channels, stdin) ==
	       (size_t)channels) {
		if (said.n == room) {
			room = room ? 2 * room : 1 << 20;
			said.x = realloc(said.x, room * sizeof(*said.x));
			heard.x = realloc(heard.x, room * sizeof(*heard.x));
			if (!said.x || !heard.x)
				die_memory();
		}
		said.x[said.n++] = all[x - 1];
		heard.x[heard.n++] = all[y - 1];
	}
	judge(&said, &heard);
	return 0;
}
