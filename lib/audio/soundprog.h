/* soundprog: a program of the user's in place of the sound server.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_SOUNDPROG_H
#define AUDIO_SOUNDPROG_H

#include "audio/device.h"

/* Run how->program by sh: what its stdout has are the microphone's samples, what
 * its stdin gets the loudspeaker's, 16 bits of this machine's order, 48 kHz, mono.
 * Messages go through fd (device.h). */
_Noreturn void
soundprog_run(int fd, const struct device_how *how);

#endif
