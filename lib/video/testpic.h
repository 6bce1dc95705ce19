/* testpic: a moving picture with the time in it, for eyes and for programs.
 * SPDX-License-Identifier: ISC */
#ifndef TESTPIC_H
#define TESTPIC_H

#include <stdint.h>

/* Draw the I420 picture of that time (microseconds since 1970-01-01 UTC, less
 * than 2^52) into p, laid out as y4m_bytes tells: colour bars, a ball, a ramp
 * that runs, the time of day in UTC to the millisecond where 60 pixels and
 * more are there for it, and in the lowest sixth 4 rows of 16 blocks.  These
 * are 64 bits, the first in the upper left, white is 1: a check of 12, then
 * the time in 52. */
void
testpic_draw(uint8_t *p, unsigned w, unsigned h, uint64_t time);

#endif
