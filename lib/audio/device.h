/* device: a microphone and a loudspeaker, in a process of their own that has
 * nothing of the peer's but samples.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_DEVICE_H
#define AUDIO_DEVICE_H

#include <stdint.h>

#include "base/fault.h"

enum {
	DEVICE_PIECE = 480, /* samples that the microphone gives at once */
	DEVICE_MOST = 480, /* samples that the loudspeaker wants at once */
	DEVICE_TEXT = 480
};

/* Which devices; in device_how what is wanted, in news what is there. */
enum { DEVICE_MICROPHONE = 1, DEVICE_LOUDSPEAKER = 2 };

struct device_how {
	int wanted;
	const char *microphone,
	    *loudspeaker; /* the server's names; NULL: its own */
	const char *program; /* CHAT_SOUND in their place, or NULL */
};

enum device_kind {
	DEVICE_HEARD, /* DEVICE_PIECE samples from the microphone */
	DEVICE_WANTS, /* n samples are to be given for the loudspeaker */
	DEVICE_NEWS, /* which devices there are now; text may be empty */
	DEVICE_GIVEN /* the answer to DEVICE_WANTS */
};

struct device_message {
	int kind;
	int n; /* samples */
	int64_t time; /* HEARD: clock_us() of the first sample */
	int latency; /* us: how old the sample is, or when it will be heard */
	uint32_t want; /* its number, which the answer repeats */
	int here, anew, two_cards, code; /* NEWS: see device_read */
	union {
		int16_t pcm[DEVICE_PIECE];
		char text[DEVICE_TEXT];
	};
};

/* Start the process.  A socket to it, which polls readable when there is a
 * message; -1 and a fault.  The first is news, once it is clear what is there. */
int
device_open(const struct device_how *how, struct fault *f);

/* The next message: 1; 0: there is none; -1 and a fault: the process has gone, or
 * its news are an end (code is not 0).  News with anew tell that one of the devices has
 * another latency and another clock now, two_cards that their clocks are not the
 * same. */
int
device_read(int fd, struct device_message *m, struct fault *f);

/* Give the samples that m, a DEVICE_WANTS, asks for: they are in its pcm. */
void
device_give(int fd, struct device_message *m);

/* For the process itself: send a message.  0, or -1: there is no room, or nobody
 * is there. */
int
device_send(int fd, const struct device_message *m);

/* The same for news, whose sentence is printed. */
void
device_tell(int fd, int here, int code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Read an answer: 1; 0: there is none; -1: nobody is there. */
int
device_answer(int fd, struct device_message *m);

#endif
