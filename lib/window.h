/* window: which counters of a lossy, reordering path have been seen
 * (chat-wire(5), DATAGRAM RECORDS; the idea of RFC 6479).
 * SPDX-License-Identifier: ISC */
#ifndef WINDOW_H
#define WINDOW_H

#include <stdint.h>

enum { WINDOW = 8192 }; /* counters behind the newest that may still come */

/* All zero to begin with. */
struct window {
	uint64_t next; /* one more than the newest taken */
	uint64_t bits[WINDOW / 64];
};

/* May this counter be taken: it has not been, and is not too old?  1 or 0. */
int
window_fresh(const struct window *w, uint64_t counter);

/* Take it; only after what came with it has proved authentic. */
void
window_take(struct window *w, uint64_t counter);

#endif
