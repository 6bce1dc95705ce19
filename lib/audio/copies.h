/* copies: which older frames a message carries beside its own.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_COPIES_H
#define AUDIO_COPIES_H

#include <stdint.h>

/* How bad the path is: one frame before; two; two that are far apart, for losses
 * in bursts. */
enum copies_level { COPIES_ONE, COPIES_TWO, COPIES_SPREAD };

/* Begin with zeros. */
struct copies {
	enum copies_level level;
	int64_t looked, cause; /* us: the last look; when it was so bad last */
};

enum { COPIES_MOST = 2 };

/* The other side tells that of 128 messages so many were lost, in so many runs. */
void
copies_report(struct copies *c, unsigned lost, unsigned runs, int64_t now);

/* How many slots before a message's own its copies are.  How many there are. */
unsigned
copies_back(const struct copies *c, uint8_t back[static COPIES_MOST]);

#endif
