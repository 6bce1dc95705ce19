/* pulse: PulseAudio's microphone and loudspeaker, or PipeWire's, by libpulse.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_PULSE_H
#define AUDIO_PULSE_H

#include "audio/device.h"

/* Be the device process, whose messages go through fd (device.h), until the main
 * process closes it.  Fenced: it can open nothing but what libpulse needs. */
_Noreturn void
pulse_run(int fd, const struct device_how *how);

/* A device, for a list. */
struct pulse_device {
	int microphone; /* else a loudspeaker */
	int chosen; /* the server's default */
	const char *name, *words;
};

/* Call row for each device.  How many, at least 1; -1 and a fault: there is no server or
 * no device, or none of those names (NULL: none is asked for). */
int
pulse_list(void (*row)(const struct pulse_device *), const char *in,
    const char *out, struct fault *f);

#endif
