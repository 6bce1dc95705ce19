/* resample: sound at one rate into another, by speexdsp.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_RESAMPLE_H
#define AUDIO_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

struct resample;

/* From samples a second to others, in mono.  NULL: no memory. */
struct resample *
resample_open(unsigned from, unsigned to);

/* Change the ratio by that many millionths: more samples come out, or fewer. */
void
resample_trim(struct resample *r, double ppm);

/* Turn the *n samples at in into at most cap; *n is how many were used.  How
 * many came out. */
size_t
resample_run(
    struct resample *r, const int16_t *in, size_t *n, int16_t *out, size_t cap);

/* How many samples it keeps for later: give it as many more to have all. */
size_t
resample_kept(const struct resample *r);

void
resample_close(struct resample *r);

#endif
