/* resample: convert sound from one rate to another, by speexdsp.
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include <speex/speex_resampler.h>

#include "audio/resample.h"

enum { QUALITY = 3, FINE = 1000000 };

struct resample {
	SpeexResamplerState *state;
	unsigned from, to;
};

struct resample *
resample_open(unsigned from, unsigned to)
{
	struct resample *r = malloc(sizeof(*r));
	int error;

	if (!r)
		return NULL;
	r->from = from;
	r->to = to;
	r->state = speex_resampler_init(1, from, to, QUALITY, &error);
	if (r->state) {
		/* Skip its delay before the first sample. */
		(void)speex_resampler_skip_zeros(r->state);
		return r;
	}
	free(r);
	return NULL;
}

void
resample_trim(struct resample *r, double ppm)
{
	(void)speex_resampler_set_rate_frac(r->state,
	    (spx_uint32_t)(FINE * (double)r->from / r->to),
	    (spx_uint32_t)(FINE + ppm), r->from, r->to);
}

size_t
resample_run(
    struct resample *r, const int16_t *in, size_t *n, int16_t *out, size_t cap)
{
	spx_uint32_t used = (spx_uint32_t)*n, made = (spx_uint32_t)cap;

	if (speex_resampler_process_int(r->state, 0, in, &used, out, &made) !=
	    RESAMPLER_ERR_SUCCESS)
		made = 0;
	*n = used;
	return made;
}

size_t
resample_kept(const struct resample *r)
{
	return (size_t)speex_resampler_get_input_latency(r->state);
}

void
resample_close(struct resample *r)
{
	if (r)
		speex_resampler_destroy(r->state);
	free(r);
}
