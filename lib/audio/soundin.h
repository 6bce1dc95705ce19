/* soundin: a WAV or Ogg Opus stream on stdin, as samples at 48 kHz in mono.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_SOUNDIN_H
#define AUDIO_SOUNDIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

struct soundin;

/* NULL: no memory. */
struct soundin *
soundin_open(void);

/* Read 1 to cap samples, reading from descriptor 0 as needed.  How many; 0 at
 * the end; -1 and a fault: another format, damaged, or cut (X_PEER). */
int
soundin_read(struct soundin *s, int16_t *pcm, size_t cap, struct fault *f);

/* These bytes were already read from descriptor 0: they come first. */
void
soundin_begin(struct soundin *s, const uint8_t *p, size_t n);

enum { SOUNDIN_FIRST = 4 }; /* bytes that tell the format */

/* 1 if such a stream begins so, else 0. */
int
soundin_is(const uint8_t p[static SOUNDIN_FIRST]);

#endif
