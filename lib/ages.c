/* ages: how old pictures were, by median and percentile.
 * SPDX-License-Identifier: ISC */
#include <stddef.h>

#include "ages.h"

void
ages_add(struct ages *a, uint64_t time, int64_t now)
{
	int64_t age = (now - (int64_t)time) / 100;

	if (time == 0 || age > AGES_NONE)
		return;
	if (age < 0)
		age = 0;
	a->n++;
	a->count[age < AGES_MAX ? age : AGES_MAX - 1]++;
}

double
ages_at(const struct ages *a, double share)
{
	unsigned long n = 0;
	size_t i;

	for (i = 0; a->n && i < AGES_MAX - 1; i++) {
		n += a->count[i];
		if ((double)n >= share * (double)a->n)
			break;
	}
	return (double)i / 10;
}
