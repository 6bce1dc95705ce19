/* losses: which of the other side's last messages arrived.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "audio/losses.h"

void
losses_take(struct losses *l, uint32_t number)
{
	int32_t ahead = (int32_t)(number - l->newest), i;

	/* Messages before the first do not count as lost. */
	if (!l->begun || ahead > LOSSES_KEPT || ahead < -LOSSES_KEPT) {
		memset(l->came, 1, sizeof(l->came));
		l->begun = 1;
		l->newest = number;
		ahead = 0;
		l->messages++;
		return;
	}
	for (i = 1; i < ahead; i++)
		l->came[(l->newest + (uint32_t)i) % LOSSES_KEPT] = 0;
	if (ahead > 0) {
		l->gaps += (unsigned long)ahead - 1;
		l->newest = number;
	} else if (l->came[number % LOSSES_KEPT] == 0) {
		l->gaps--; /* it was only late */
	} else {
		return; /* a duplicate */
	}
	l->came[number % LOSSES_KEPT] = 1;
	l->messages++;
}

void
losses_count(const struct losses *l, uint8_t *lost, uint8_t *runs)
{
	int i, in_run = 0, missing;

	*lost = *runs = 0;
	for (i = 1; i <= LOSSES_SEEN && l->begun; i++) {
		missing = !l->came[(l->newest - (uint32_t)i) % LOSSES_KEPT];
		*lost = (uint8_t)(*lost + missing);
		*runs = (uint8_t)(*runs + (missing && !in_run));
		in_run = missing;
	}
}
