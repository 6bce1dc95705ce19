/* pulse: PulseAudio's microphone and loudspeaker, or PipeWire's, by libpulse.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_PULSE_H
#define AUDIO_PULSE_H

#include "audio/device.h"

/* Be the device process, with messages over fd (device.h), until the main
 * process closes it.  Confined: it can open only what libpulse needs. */
_Noreturn void
pulse_run(int fd, const struct device_how *how);

/* A device, for a list. */
struct pulse_device {
	int microphone; /* else a loudspeaker */
	int chosen; /* the server's default */
	const char *name, *words;
};

/* Call row for each device.  How many, at least 1; -1 and a fault: no server,
 * no device, or not the ones named (NULL: none is named). */
int
pulse_list(void (*row)(const struct pulse_device *), const char *in,
    const char *out, struct fault *f);

#endif
