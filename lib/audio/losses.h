/* losses: which of the other side's last messages arrived.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_LOSSES_H
#define AUDIO_LOSSES_H

#include <stdint.h>

enum { LOSSES_SEEN = 128, LOSSES_KEPT = 256 };

/* Begin with zeros. */
struct losses {
	int begun;
	uint32_t newest;
	uint8_t came[LOSSES_KEPT]; /* by number */
	unsigned long messages, gaps; /* in all: arrived; missing so far */
};

/* Message `number` arrived. */
void
losses_take(struct losses *l, uint32_t number);

/* Of the LOSSES_SEEN messages before the newest: how many are missing, and in
 * how many runs. */
void
losses_count(const struct losses *l, uint8_t *lost, uint8_t *runs);

#endif
