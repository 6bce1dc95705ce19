/* stretch: lengthen or shorten speech a little, keeping its pitch (waveform
 * similarity overlap-add).
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_STRETCH_H
#define AUDIO_STRETCH_H

#include <stddef.h>
#include <stdint.h>

enum {
	STRETCH_LEAST = 120, /* samples at 48 kHz: 2.5 ms */
	STRETCH_MOST = 480, /* 10 ms */
	STRETCH_FADE = 480, /* samples that are blended, 10 ms */
	STRETCH_NEED = STRETCH_MOST + STRETCH_FADE /* least samples needed */
};

/* The lag, STRETCH_LEAST to most, at which the beginning of x (STRETCH_NEED
 * samples) repeats best; *likeness: how well, -1 to 1, squared with its
 * sign. */
int
stretch_lag(const int16_t x[static STRETCH_NEED], int most, double *likeness);

/* Cut lag samples from the n >= STRETCH_NEED at x, or add as many, for which there must be room.
 * The new number of samples. */
size_t
stretch_shorter(int16_t *x, size_t n, int lag);
size_t
stretch_longer(int16_t *x, size_t n, int lag);

#endif
