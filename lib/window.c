/* window: which counters of a lossy, reordering path have been seen
 * (chat-wire(5), DATAGRAM RECORDS; the idea of RFC 6479).
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "window.h"

static uint64_t
bit(uint64_t counter)
{
	return (uint64_t)1 << (counter % 64);
}

int
window_fresh(const struct window *w, uint64_t counter)
{
	if (counter >= w->next)
		return 1;
	if (w->next - counter > WINDOW)
		return 0;
	return !(w->bits[counter % WINDOW / 64] & bit(counter));
}

void
window_take(struct window *w, uint64_t counter)
{
	uint64_t i;

	if (counter >= w->next && counter - w->next >= WINDOW) {
		memset(w->bits, 0, sizeof(w->bits));
		w->next = counter + 1;
	}
	/* What was said of a counter's place is about one long gone. */
	for (i = w->next; i <= counter; i++)
		w->bits[i % WINDOW / 64] &= ~bit(i);
	if (counter >= w->next)
		w->next = counter + 1;
	w->bits[counter % WINDOW / 64] |= bit(counter);
}
