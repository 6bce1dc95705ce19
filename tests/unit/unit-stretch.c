/* unit-stretch: lags, lengths and joints of stretched sound; clocks' drift.
 * SPDX-License-Identifier: ISC */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio/drift.h"
#include "audio/stretch.h"
#include "tap.h"

enum { N = 960 };

static void
tone(int16_t *x, size_t n, double hz)
{
	size_t i;

	for (i = 0; i < n; i++)
		x[i] = (int16_t)lrint(
		    8000 * sin(2 * M_PI * hz * (double)i / 48000));
}

/* The largest step between two samples. */
static int
steepest(const int16_t *x, size_t n)
{
	int most = 0;
	size_t i;

	for (i = 1; i < n; i++)
		if (abs(x[i] - x[i - 1]) > most)
			most = abs(x[i] - x[i - 1]);
	return most;
}

static void
lengths(void)
{
	int16_t x[2 * N];
	double like;
	int lag, smooth;
	size_t n;

	tone(x, N, 200);
	smooth = steepest(x, N);
	lag = stretch_lag(x, STRETCH_MOST, &like);
	ok(lag == 240 || lag == 480, "a tone of 200 Hz repeats every 240: %d",
	    lag);
	ok(like > .99, "very much so: %.3f", like);
	n = stretch_longer(x, N, lag);
	ok(n == (size_t)(N + lag), "longer by the lag");
	ok(steepest(x, n) <= smooth + 2, "without a click");
	tone(x, N, 200);
	n = stretch_shorter(x, N, lag);
	ok(n == (size_t)(N - lag), "shorter by the lag");
	ok(steepest(x, n) <= smooth + 2, "without a click");
	memset(x, 0, sizeof(x));
	lag = stretch_lag(x, STRETCH_MOST, &like);
	ok(lag >= STRETCH_LEAST && lag <= STRETCH_MOST && like == 0,
	    "silence has a lag, too");
	for (n = 0; n < N; n++)
		x[n] = n % 2 ? 32767 : -32768;
	lag = stretch_lag(x, STRETCH_MOST, &like);
	ok(stretch_longer(x, N, lag) == (size_t)(N + lag), "full scale");
}

/* Ten minutes of pieces, of which stream 1 has that many millionths more; times
 * are off by up to so many us. */
static double
drifts(double ppm, int jitter)
{
	static struct drift d;
	int i;

	drift_anew(&d);
	srandom(7);
	for (i = 0; i < 60000; i++) {
		drift_add(&d, 0, 480, i * 10000 + random() % (jitter + 1));
		drift_add(&d, 1, 480,
		    (int64_t)(i * 10000 / (1 + ppm * 1e-6)) +
		        random() % (jitter + 1));
	}
	return drift_ppm(&d);
}

static void
clocks(void)
{
	double ppm = drifts(100, 5000);

	ok(ppm > 90 && ppm < 110, "100 ppm, times off by 5 ms: %.1f", ppm);
	ppm = drifts(-50, 5000);
	ok(ppm < -40 && ppm > -60, "-50 ppm: %.1f", ppm);
	ok(drifts(5, 5000) == 0, "5 ppm are not told from nothing");
	ok(drifts(0, 20000) == 0, "nor are times off by 20 ms");
}

int
main(void)
{
	lengths();
	clocks();
	return done();
}
