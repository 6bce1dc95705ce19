/* resample: convert sound from one rate to another, by speexdsp.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_RESAMPLE_H
#define AUDIO_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

struct resample;

/* From and to samples a second, mono.  NULL: no memory. */
struct resample *
resample_open(unsigned from, unsigned to);

/* Change the ratio by that many millionths: more or fewer samples come out. */
void
resample_trim(struct resample *r, double ppm);

/* Convert the *n samples at in into at most cap; *n is how many were used.  How
 * many came out. */
size_t
resample_run(
    struct resample *r, const int16_t *in, size_t *n, int16_t *out, size_t cap);

/* Samples it keeps for later: feed it that many more to get all. */
size_t
resample_kept(const struct resample *r);

void
resample_close(struct resample *r);

#endif
