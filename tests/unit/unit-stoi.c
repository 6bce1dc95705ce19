/* unit-stoi: the scorer that judges voices, itself judged.
 * SPDX-License-Identifier: ISC */
#include <stdint.h>

#include "stoi.h"
#include "tap.h"

enum { SAMPLES = 4 * STOI_RATE };

static double said[SAMPLES], heard[SAMPLES];
static uint32_t seed;

static double
noise(void)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) / 8388608. - 1;
}

/* Syllables: 24 harmonics of a pitch, at loudnesses that change with time each at
 * its own pace, and a pause a second. */
static void
speak(void)
{
	int i, h;
	double t;

	for (i = 0; i < SAMPLES; i++) {
		t = (double)i / STOI_RATE;
		said[i] = 0;
		for (h = 1; h <= 24; h++)
			said[i] += (1 + sin(2 * M_PI * (2 + h * .37) * t + h)) *
			           sin(2 * M_PI * 140 * h * t) / h;
		if (fmod(t, 1) > .8)
			said[i] = 0;
	}
}

/* Its score in noise of that amplitude. */
static double
in_noise(double amplitude)
{
	int i;

	seed = 1;
	speak();
	for (i = 0; i < SAMPLES; i++)
		heard[i] = said[i] + amplitude * noise();
	return stoi(said, heard, SAMPLES);
}

static double
louder(double factor)
{
	int i;

	speak();
	for (i = 0; i < SAMPLES; i++)
		heard[i] = said[i] * factor;
	return stoi(said, heard, SAMPLES);
}

/* Of every 100 ms the first 20 are lost. */
static double
in_pieces(void)
{
	int i;

	speak();
	for (i = 0; i < SAMPLES; i++)
		heard[i] = i % 1000 < 200 ? 0 : said[i];
	return stoi(said, heard, SAMPLES);
}

static void
dft(void)
{
	double re[64], im[64] = {0}, one, worst = 0;
	int i, k;

	seed = 7;
	for (i = 0; i < 64; i++)
		re[i] = said[i] = noise();
	stoi_dft(re, im, 64, -1);
	for (k = 0; k < 64; k++) {
		one = 0;
		for (i = 0; i < 64; i++)
			one += said[i] * cos(2 * M_PI * i * k / 64);
		worst = fmax(worst, fabs(one - re[k]));
	}
	ok(worst < 1e-12, "a transform is what its definition says");
	stoi_dft(re, im, 64, 1);
	for (i = 0, worst = 0; i < 64; i++)
		worst = fmax(worst, fabs(re[i] / 64 - said[i]));
	ok(worst < 1e-12, "there and back");
}

/* What a computation of its own, in another language, gives. */
static const struct {
	double amplitude, score;
} known[] = {{0.1, 0.963872}, {1, 0.699116}, {4, 0.393435}};

int
main(void)
{
	double before = 1, is;
	size_t i;

	dft();
	is = louder(1);
	ok(fabs(is - 1) < 1e-9, "the same is understood: %.9f", is);
	is = louder(.01);
	ok(fabs(is - 1) < 1e-9, "as well if it is soft: %.9f", is);
	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		is = in_noise(known[i].amplitude);
		ok(is < before, "more noise, less is understood: %.6f", is);
		ok(fabs(is - known[i].score) < 1e-6, "as much as is known");
		before = is;
	}
	is = in_pieces();
	ok(fabs(is - 0.688044) < 1e-6, "in pieces: %.6f", is);
	ok(isnan(stoi(said, heard, 3000)), "too short to be judged");
	return done();
}
