/* soundprog: a program of the user's in place of the sound server.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_SOUNDPROG_H
#define AUDIO_SOUNDPROG_H

#include "audio/device.h"

/* Run how->program by sh: its stdout is the microphone, its stdin the
 * loudspeaker, with 16-bit samples in this machine's order, 48 kHz, mono.
 * Messages go over fd (device.h). */
_Noreturn void
soundprog_run(int fd, const struct device_how *how);

#endif
