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

/* Clean the microphone's samples in place.  far: the loudspeaker's, to cancel
 * echo, else NULL; the echo is of those given so many ms ago.  0; -1: no
 * memory. */
int
echo_near(struct echo *e, const int16_t *far, int16_t *pcm, int delay);

void
echo_close(struct echo *e);

#ifdef __cplusplus
}
#endif

#endif
