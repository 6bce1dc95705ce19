/* device: a microphone and a loudspeaker, in a process that gets nothing from
 * the peer but samples.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_DEVICE_H
#define AUDIO_DEVICE_H

#include <stdint.h>

#include "base/fault.h"

enum {
	DEVICE_PIECE = 480, /* samples that the microphone delivers at a time */
	DEVICE_MOST = 480, /* samples that the loudspeaker wants at once */
	DEVICE_STOPPED = 100, /* ms without a want: that time is skipped */
	DEVICE_TEXT = 480
};

/* Devices: wanted ones in device_how, present ones in news. */
enum { DEVICE_MICROPHONE = 1, DEVICE_LOUDSPEAKER = 2 };

struct device_how {
	int wanted;
	const char *microphone,
	    *loudspeaker; /* the server's names; NULL: its defaults */
	const char *program; /* CHAT_SOUND, run instead, or NULL */
};

enum device_kind {
	DEVICE_HEARD, /* DEVICE_PIECE samples from the microphone */
	DEVICE_WANTS, /* n samples for the loudspeaker are needed */
	DEVICE_NEWS, /* which devices are present; text may be empty */
	DEVICE_GIVEN /* the answer to DEVICE_WANTS */
};

struct device_message {
	int kind;
	int n; /* samples */
	int64_t time; /* HEARD: clock_us() of the first sample */
	int latency; /* us: age of the sample, or time until it is heard */
	uint32_t want; /* a number, which the answer repeats */
	int here, anew, two_cards, code; /* NEWS: see device_read */
	union {
		int16_t pcm[DEVICE_PIECE];
		char text[DEVICE_TEXT];
	};
};

/* Start the process.  A socket to it, which polls readable when there is a
 * message; -1 and a fault.  The first message is news of the devices that are
 * present. */
int
device_open(const struct device_how *how, struct fault *f);

/* Read the next message: 1; 0: none; -1 and a fault: the process has gone, or
 * its news says that it ends (code is not 0).  In news, anew: a device has a
 * new latency and clock; two_cards: the clocks differ. */
int
device_read(int fd, struct device_message *m, struct fault *f);

/* Send the samples in m->pcm that m, a DEVICE_WANTS, asked for. */
void
device_give(int fd, struct device_message *m);

/* For the device process: send a message.  0, or -1: the socket is full, or the
 * other process has gone. */
int
device_send(int fd, const struct device_message *m);

/* Likewise news, with a sentence to be printed. */
void
device_tell(int fd, int here, int code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Read an answer: 1; 0: none; -1: the other process has gone. */
int
device_answer(int fd, struct device_message *m);

#endif
