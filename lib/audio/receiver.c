/* receiver: turn messages of sound into sound.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "audio/device.h"
#include "audio/opusio.h"
#include "audio/receiver.h"

enum { CODED_LATE = 312 }; /* samples of Opus's delay */

int
receiver_open(struct receiver *r)
{
	struct OpusDecoder *d = opusio_decoder();

	memset(r, 0, sizeof(*r));
	playout_open(&r->playout, opusio_decode, d);
	return d ? 0 : -1;
}

/* The loudspeaker's clock at `now`, in samples; between wants, by the time. */
static int64_t
samples_at(const struct receiver *r, int64_t now)
{
	int64_t since = r->wanted_at ? now - r->wanted_at : 0;

	return r->clock + since * 48 / 1000;
}

int
receiver_take(struct receiver *r, const struct frame *f, const uint8_t *payload,
    int64_t now)
{
	struct slots s;
	unsigned i;

	if (f->pieces != 1 || slots_get(&s, payload, f->len) == -1)
		goto bad;
	for (i = 0; i < s.n; i++)
		if (!opusio_valid(s.coded[i].data, s.coded[i].n))
			goto bad;
	losses_take(&r->losses, f->number);
	r->messages++;
	r->begun = 1;
	/* An older message has older news. */
	if (f->number == r->losses.newest) {
		r->muted = s.muted;
		r->deaf = s.deaf;
		r->slot = s.slot;
		r->time = f->time;
		r->told_lost = s.lost;
		r->told_runs = s.runs;
	}
	/* The clock begins with playing. */
	for (i = 0; i < s.n && r->wanted_at; i++)
		playout_put(&r->playout, s.slot, s.coded[i].back,
		    s.coded[i].data, s.coded[i].n, samples_at(r, now));
	return 0;
bad:
	r->malformed++;
	return -1;
}

int
receiver_give(struct receiver *r, int16_t *out, size_t n, int64_t now)
{
	int64_t gap = r->wanted_at ? now - r->wanted_at : 0;
	int stopped = gap > DEVICE_STOPPED * 1000;

	/* Drop what was due during the pause. */
	if (stopped)
		r->clock += gap * 48 / 1000;
	playout_get(&r->playout, out, n, r->clock);
	r->clock += (int64_t)n;
	r->wanted_at = now;
	return stopped;
}

uint64_t
receiver_captured(const struct receiver *r)
{
	int64_t before, samples;
	uint32_t slot;

	if (playout_place(&r->playout, &slot, &before) == -1)
		return 0;
	samples = (int64_t)(int32_t)(slot - r->slot) * SLOTS_SAMPLES - before -
	          CODED_LATE;
	return r->time + (uint64_t)(samples * 1000 / 48);
}
