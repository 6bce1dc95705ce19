/* clock: the two clocks.
 * SPDX-License-Identifier: ISC */
#include <time.h>

#include "base/clock.h"

static int64_t
us(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
clock_us(void)
{
	return us(CLOCK_MONOTONIC);
}

int64_t
clock_ms(void)
{
	return us(CLOCK_MONOTONIC) / 1000;
}

int64_t
clock_wall_us(void)
{
	return us(CLOCK_REALTIME);
}
