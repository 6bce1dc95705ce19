/* clock: the two clocks.
 * SPDX-License-Identifier: ISC */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

/* Milliseconds of a monotonic clock, for deadlines. */
int64_t
clock_ms(void);

/* Microseconds of the same clock, for intervals. */
int64_t
clock_us(void);

/* Microseconds since 1970-01-01 UTC; for times that are shown or sent. */
int64_t
clock_wall_us(void);

#endif
