/* echo: remove from the microphone's sound the loudspeaker's echo, and noise: a
 * C interface to webrtc-audio-processing.
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

/* The loudspeaker's samples; call it once before each echo_near. */
void
echo_far(struct echo *e, const int16_t *pcm);

/* Clean the microphone's samples in place; their echo is of samples given so
 * many ms ago. */
void
echo_near(struct echo *e, int16_t *pcm, int delay);

void
echo_close(struct echo *e);

#ifdef __cplusplus
}
#endif

#endif
