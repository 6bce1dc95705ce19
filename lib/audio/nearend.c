/* nearend: the microphone's sound, without the loudspeaker's in it.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "audio/nearend.h"
#include "audio/resample.h"

enum {
	RATE = 48000,
	SETTLED = 25, /* pieces over which latencies are averaged */
	ECHO_LEAST = 20000, /* us; by 43 to 59 dB then, at 10000 by 9 to 21 */
	STARVED = 5, /* far pieces in a row that were not there in time */
	PIECE_US = 10000,
	WAIT = 4 * NEAREND_PIECE, /* most samples waiting, */
	KEPT = 2 * NEAREND_PIECE, /* and how many stay when there are more */
	DELAY_MOST = 500 /* ms */
};

/* Without webrtc-audio-processing. */
#ifdef NO_ECHO
#define echo_open(cancel, noise) ((void)(cancel), (void)(noise), (void *)0)
#define echo_close(e) ((void)(e))
#define echo_near(e, far, pcm, delay)                                          \
	((void)(e), (void)(far), (void)(pcm), (void)(delay), 0)
enum { CAN = 0 };
#else
enum { CAN = 1 };
#endif

int
nearend_can(void)
{
	return CAN;
}

static int
open_echo(struct nearend *n)
{
	echo_close(n->echo);
	n->echo = NULL;
	if (!nearend_can() || (!n->cancel && !n->noise))
		return 0;
	n->echo = echo_open(n->cancel, n->noise);
	return n->echo ? 0 : -1;
}

int
nearend_open(struct nearend *n, int cancel, int noise)
{
	memset(n, 0, sizeof(*n));
	n->cancel = cancel;
	n->noise = noise;
	return open_echo(n);
}

void
nearend_anew(struct nearend *n)
{
	if (n->flows && n->cancel)
		(void)open_echo(n);
	n->flows = 0;
	n->far_n = n->debt = 0;
	n->starved = n->looked = 0;
	n->latency = 0;
	drift_anew(&n->drift);
}

void
nearend_cards(struct nearend *n, int two)
{
	if (two && !n->trim && n->cancel)
		n->trim = resample_open(RATE, RATE);
	if (!two && n->trim) {
		resample_close(n->trim);
		n->trim = NULL;
	}
	n->ppm = 0;
	drift_anew(&n->drift);
}

/* Queue the loudspeaker's samples, less those made up in their place. */
static void
queue(struct nearend *n, const int16_t *pcm, size_t samples)
{
	size_t less = n->debt < samples ? n->debt : samples;

	n->debt -= less;
	pcm += less;
	samples -= less;
	if (n->far_n + samples > NEAREND_FAR)
		return;
	memcpy(n->far + n->far_n, pcm, samples * sizeof(*pcm));
	n->far_n += samples;
}

void
nearend_far(struct nearend *n, const int16_t *pcm, size_t samples, int64_t now)
{
	int16_t out[2 * NEAREND_FAR];
	size_t used, made;

	if (!n->cancel || !n->flows || samples > NEAREND_FAR)
		return;
	/* Each would be dropped, if all are as late, as after old sound. */
	if (n->starved >= STARVED) {
		n->starved = n->debt = 0;
		(void)open_echo(n);
	}
	if (!n->trim) {
		queue(n, pcm, samples);
		return;
	}
	drift_add(&n->drift, 0, (int64_t)samples, now);
	while (samples > 0) {
		used = samples;
		made = resample_run(
		    n->trim, pcm, &used, out, sizeof(out) / sizeof(*out));
		queue(n, out, made);
		if (used == 0)
			return;
		pcm += used;
		samples -= used;
	}
}

/* Take one far piece, exactly one for each near piece. */
static void
take_far(struct nearend *n, int16_t far[static NEAREND_PIECE])
{
	size_t have = n->far_n < NEAREND_PIECE ? n->far_n : NEAREND_PIECE, drop;

	memset(far, 0, NEAREND_PIECE * sizeof(*far));
	memcpy(far, n->far, have * sizeof(*far));
	n->debt += NEAREND_PIECE - have;
	n->starved = have < NEAREND_PIECE ? n->starved + 1 : 0;
	n->far_n -= have;
	drop = n->far_n > WAIT ? n->far_n - KEPT : 0;
	n->far_n -= drop;
	memmove(n->far, n->far + have + drop, n->far_n * sizeof(*n->far));
}

/* Hold near pieces back: an echo that comes too early is not cancelled.  Look again
 * and again: a server first gives old sound, and its latencies change. */
static void
settle(struct nearend *n, int64_t latency)
{
	int64_t mean;
	unsigned hold;

	n->latency += latency;
	if (++n->looked < SETTLED)
		return;
	mean = n->latency / SETTLED;
	n->latency = n->looked = 0;
	hold = mean >= ECHO_LEAST ? 0 : mean >= ECHO_LEAST - PIECE_US ? 1 : 2;
	if (hold <= n->hold)
		return;
	n->hold = hold;
	memset(n->held, 0, sizeof(n->held));
	(void)open_echo(n); /* it has learnt another path */
}

/* Hold pcm back, and take the oldest piece: 1, or 0. */
static int
hold_back(struct nearend *n, int16_t pcm[static NEAREND_PIECE], int64_t *time)
{
	int16_t oldest[NEAREND_PIECE];
	int64_t its = n->held[0].time;
	unsigned i;

	if (n->hold == 0)
		return 1;
	memcpy(oldest, n->held[0].pcm, sizeof(oldest));
	for (i = 0; i + 1 < n->hold; i++)
		n->held[i] = n->held[i + 1];
	memcpy(n->held[i].pcm, pcm, sizeof(oldest));
	n->held[i].time = *time;
	memcpy(pcm, oldest, sizeof(oldest));
	*time = its;
	return its != 0;
}

int
nearend_near(struct nearend *n, int16_t pcm[static NEAREND_PIECE],
    int64_t *time, int64_t latency, int64_t now, struct fault *f)
{
	int16_t far[NEAREND_PIECE];
	double ppm;
	int delay;

	n->flows = 1;
	if (!n->echo && open_echo(n) == -1)
		return fault_memory(f);
	if (!n->echo)
		return 1;
	if (n->cancel) {
		if (n->trim) {
			drift_add(&n->drift, 1, NEAREND_PIECE, now);
			ppm = drift_ppm(&n->drift);
			if (ppm != n->ppm)
				resample_trim(n->trim, n->ppm = ppm);
		}
		settle(n, latency);
		take_far(n, far);
		if (!n->echo)
			return fault_memory(f);
		if (!hold_back(n, pcm, time))
			return 0;
	}
	delay = (int)((latency - ECHO_LEAST) / 1000) + 10 * (int)n->hold;
	delay = delay < 0 ? 0 : delay > DELAY_MOST ? DELAY_MOST : delay;
	if (echo_near(n->echo, n->cancel ? far : NULL, pcm, delay) == -1)
		return fault_memory(f);
	return 1;
}
