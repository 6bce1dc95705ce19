/* stoi: how much of speech is understood, short-time objective intelligibility:
 * C. H. Taal, R. C. Hendriks, R. Heusdens, J. Jensen, An Algorithm for
 * Intelligibility Prediction of Time-Frequency Weighted Noisy Speech, IEEE
 * Transactions on Audio, Speech, and Language Processing 19 (7), 2011.
 * SPDX-License-Identifier: ISC */
#ifndef STOI_H
#define STOI_H

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
	STOI_RATE = 10000, /* samples a second */
	STOI_FRAME = 256, /* samples, every */
	STOI_HOP = 128, /* samples, with zeros up to */
	STOI_DFT = 512,
	STOI_BINS = STOI_DFT / 2 + 1,
	STOI_BANDS = 15, /* thirds of an octave, the first at */
	STOI_LOWEST = 150, /* Hz */
	STOI_SEGMENT = 30, /* frames that are compared at once */
	STOI_RANGE = 40, /* dB below the loudest frame, or it is silent */
	STOI_CLIP = 15 /* dB of signal to distortion, below which it is cut */
};

/* Frame i of x, under a Hann window whose ends are not 0. */
static void
stoi_frame(double out[static STOI_FRAME], const double *x, size_t i)
{
	int k;

	for (k = 0; k < STOI_FRAME; k++)
		out[k] =
		    x[i * STOI_HOP + (size_t)k] *
		    (0.5 - 0.5 * cos(2 * M_PI * (k + 1) / (STOI_FRAME + 1)));
}

static double
stoi_energy(const double *x, size_t n)
{
	double e = 0;

	while (n-- > 0)
		e += x[n] * x[n];
	return e;
}

static size_t
stoi_frames(size_t n)
{
	return n < STOI_FRAME ? 0 : (n - STOI_FRAME) / STOI_HOP + 1;
}

/* x and y are put together again of those frames in which x is not silent; how
 * many samples they have then. */
static size_t
stoi_speech(double *x, double *y, size_t n)
{
	size_t frames = stoi_frames(n), i, kept = 0, k;
	double *a = calloc(2 * n, sizeof(*a)), *b = a + n, f[STOI_FRAME];
	double e, most = 0;

	for (i = 0; a && i < frames; i++) {
		stoi_frame(f, x, i);
		e = stoi_energy(f, STOI_FRAME);
		most = e > most ? e : most;
	}
	for (i = 0; a && i < frames; i++) {
		stoi_frame(f, x, i);
		if (stoi_energy(f, STOI_FRAME) * pow(10, STOI_RANGE / 10.) <=
		    most)
			continue;
		for (k = 0; k < STOI_FRAME; k++)
			a[kept * STOI_HOP + k] += f[k];
		stoi_frame(f, y, i);
		for (k = 0; k < STOI_FRAME; k++)
			b[kept * STOI_HOP + k] += f[k];
		kept++;
	}
	n = kept == 0 ? 0 : (kept - 1) * STOI_HOP + STOI_FRAME;
	if (n > 0) {
		memcpy(x, a, n * sizeof(*x));
		memcpy(y, b, n * sizeof(*y));
	}
	free(a);
	return n;
}

/* The discrete Fourier transform of n samples, a power of 2, in place; sign is -1,
 * or 1 for the inverse, which is not divided by n. */
static void
stoi_dft(double *re, double *im, size_t n, int sign)
{
	size_t i, j = 0, k, half, step;
	double wr, wi, tr, ti;

	for (i = 1; i < n; i++) {
		for (k = n / 2; j & k; k /= 2)
			j ^= k;
		j |= k;
		if (i < j) {
			tr = re[i], re[i] = re[j], re[j] = tr;
			ti = im[i], im[i] = im[j], im[j] = ti;
		}
	}
	for (half = 1; half < n; half *= 2)
		for (k = 0; k < half; k++) {
			wr = cos(M_PI * (double)k / (double)half);
			wi = sign * sin(M_PI * (double)k / (double)half);
			for (i = k; i < n; i += 2 * half) {
				step = i + half;
				tr = wr * re[step] - wi * im[step];
				ti = wr * im[step] + wi * re[step];
				re[step] = re[i] - tr, im[step] = im[i] - ti;
				re[i] += tr, im[i] += ti;
			}
		}
}

/* The norm of each band in frame i of x. */
static void
stoi_bands(double out[static STOI_BANDS], const double *x, size_t i)
{
	double re[STOI_DFT] = {0}, im[STOI_DFT] = {0}, low, third;
	int b, k, from, to;

	stoi_frame(re, x, i);
	stoi_dft(re, im, STOI_DFT, -1);
	third = pow(2, 1 / 3.);
	for (b = 0; b < STOI_BANDS; b++) {
		low = STOI_LOWEST * pow(third, b) / sqrt(third);
		/* Its edges are those bins that are nearest. */
		from = (int)lround(low * STOI_DFT / STOI_RATE);
		to = (int)lround(low * third * STOI_DFT / STOI_RATE);
		out[b] = 0;
		for (k = from; k < to && k < STOI_BINS; k++)
			out[b] += re[k] * re[k] + im[k] * im[k];
		out[b] = sqrt(out[b]);
	}
}

/* The correlation of x and y about their means. */
static double
stoi_correlation(const double *x, const double *y)
{
	double mx = 0, my = 0, xy = 0, xx = 0, yy = 0;
	int i;

	for (i = 0; i < STOI_SEGMENT; i++) {
		mx += x[i] / STOI_SEGMENT;
		my += y[i] / STOI_SEGMENT;
	}
	for (i = 0; i < STOI_SEGMENT; i++) {
		xy += (x[i] - mx) * (y[i] - my);
		xx += (x[i] - mx) * (x[i] - mx);
		yy += (y[i] - my) * (y[i] - my);
	}
	return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

/* Of one band over a segment: y at the level of x, and where it is much more than
 * x cut to that. */
static double
stoi_segment(const double *x, double *y)
{
	double level = sqrt(stoi_energy(x, STOI_SEGMENT) /
	                    (stoi_energy(y, STOI_SEGMENT) + 1e-30)),
	       most;
	int i;

	for (i = 0; i < STOI_SEGMENT; i++) {
		most = x[i] * (1 + pow(10, STOI_CLIP / 20.));
		y[i] = y[i] * level < most ? y[i] * level : most;
	}
	return stoi_correlation(x, y);
}

/* How well x is understood where y is heard, n samples of each at STOI_RATE in
 * step with each other, which are changed: up to 1; NAN: too short, or no
 * memory. */
static double
stoi(double *x, double *y, size_t n)
{
	size_t frames = stoi_frames(stoi_speech(x, y, n)), i, b, k;
	double(*a)[STOI_BANDS] = calloc(2 * frames + 1, sizeof(*a)), sum = 0;
	double xs[STOI_SEGMENT], ys[STOI_SEGMENT];

	for (i = 0; a && i < frames; i++) {
		stoi_bands(a[i], x, i);
		stoi_bands(a[frames + i], y, i);
	}
	for (i = STOI_SEGMENT; a && i <= frames; i++)
		for (b = 0; b < STOI_BANDS; b++) {
			for (k = 0; k < STOI_SEGMENT; k++) {
				xs[k] = a[i - STOI_SEGMENT + k][b];
				ys[k] = a[frames + i - STOI_SEGMENT + k][b];
			}
			sum += stoi_segment(xs, ys);
		}
	free(a);
	if (!a || frames < STOI_SEGMENT)
		return NAN;
	return sum / (double)(frames - STOI_SEGMENT + 1) / STOI_BANDS;
}

#endif
