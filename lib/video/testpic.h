/* testpic: a moving picture that shows the time to people and programs.
 * SPDX-License-Identifier: ISC */
#ifndef TESTPIC_H
#define TESTPIC_H

#include <stdint.h>

/* Draw the I420 picture of that time (microseconds since 1970-01-01 UTC, less
 * than 2^52) into p, in y4m_bytes' layout: colour bars, a ball, a moving ramp,
 * the UTC time to the millisecond if there are 60 pixels for it, and in the
 * lowest sixth 4 rows of 16 blocks.  These are 64 bits, first in the upper
 * left, white is 1: a check of 12 bits, then the time in 52. */
void
testpic_draw(uint8_t *p, unsigned w, unsigned h, uint64_t time);

#endif
