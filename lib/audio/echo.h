/* echo: what the loudspeaker gives to the microphone, and noise, taken away: a
 * face in C for webrtc-audio-processing.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_ECHO_H
#define AUDIO_ECHO_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { ECHO_SAMPLES = 480 }; /* 10 ms at 48 kHz, mono */

struct echo;

/* Cancel echo, suppress noise: 1 or 0 each.  NULL: no memory. */
struct echo *
echo_open(int cancel, int noise);

/* What the loudspeaker is given; one before each echo_near. */
void
echo_far(struct echo *e, const int16_t *pcm);

/* What the microphone heard is made better in place; its echo is of what was
 * given so many ms ago. */
void
echo_near(struct echo *e, int16_t *pcm, int delay);

void
echo_close(struct echo *e);

#ifdef __cplusplus
}
#endif

#endif
