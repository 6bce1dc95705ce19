/* copies: the older frames that a message carries besides its own.
 * SPDX-License-Identifier: ISC */
#ifndef AUDIO_COPIES_H
#define AUDIO_COPIES_H

#include <stdint.h>

/* The path's quality decides: copies of one slot before; of two; of two that
 * are far apart, against losses in bursts. */
enum copies_level { COPIES_ONE, COPIES_TWO, COPIES_SPREAD };

/* Begin with zeros. */
struct copies {
	enum copies_level level;
	int64_t looked, cause; /* us: the last check; the last bad report */
};

enum { COPIES_MOST = 2 };

/* The other side reports: of 128 messages so many lost, in so many runs. */
void
copies_report(struct copies *c, unsigned lost, unsigned runs, int64_t now);

/* The copies' distances in slots before the message's own.  How many copies. */
unsigned
copies_back(const struct copies *c, uint8_t back[static COPIES_MOST]);

#endif
