/* datagram: the datagram records of a session (chat-wire(5), DATAGRAM RECORDS):
 * an 8-byte big-endian counter, then what was sealed under it.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/be.h"
#include "wire/datagram.h"

size_t
datagram_seal(struct datagram_out *p, uint8_t *out, const uint8_t *in, size_t n)
{
	if (p->n > 0 && p->n % ((uint64_t)1 << DATAGRAM_EPOCH) == 0)
		aead_rekey(&p->key);
	be64_put(out, p->n);
	aead_seal(&p->key, p->n++, NULL, 0, out + DATAGRAM_HEAD, in, n);
	return n + DATAGRAM_OVERHEAD;
}

/* Open under the key n epochs ahead; if that succeeds, make it the current
 * key. */
static int
open_ahead(struct datagram_in *p, unsigned n, uint64_t counter, uint8_t *out,
    const uint8_t *in, size_t len)
{
	for (; p->derived < n; p->derived++) {
		p->ahead[p->derived] =
		    p->derived > 0 ? p->ahead[p->derived - 1] : p->key;
		aead_rekey(&p->ahead[p->derived]);
	}
	if (aead_open(&p->ahead[n - 1], counter, NULL, 0, out, in, len) == -1)
		return -1;
	p->before = n > 1 ? p->ahead[n - 2] : p->key;
	p->key = p->ahead[n - 1];
	p->epoch += n;
	p->derived -= n;
	memmove(p->ahead, p->ahead + n, p->derived * sizeof(*p->ahead));
	return 0;
}

ssize_t
datagram_open(struct datagram_in *p, uint8_t *out, const uint8_t *in, size_t n)
{
	uint64_t counter, epoch;
	int bad;

	if (n < DATAGRAM_OVERHEAD)
		return DATAGRAM_FALSE;
	counter = be64_get(in);
	epoch = counter >> DATAGRAM_EPOCH;
	if (epoch > p->epoch + DATAGRAM_AHEAD)
		return DATAGRAM_FALSE;
	in += DATAGRAM_HEAD;
	n -= DATAGRAM_HEAD;
	if (epoch > p->epoch)
		bad = open_ahead(
		    p, (unsigned)(epoch - p->epoch), counter, out, in, n);
	else if (epoch == p->epoch)
		bad = aead_open(&p->key, counter, NULL, 0, out, in, n);
	else if (epoch + 1 == p->epoch)
		bad = aead_open(&p->before, counter, NULL, 0, out, in, n);
	else
		return DATAGRAM_OLD;
	if (bad)
		return DATAGRAM_FALSE;
	if (!datagram_window_fresh(&p->window, counter))
		return DATAGRAM_OLD;
	datagram_window_take(&p->window, counter);
	return (ssize_t)(n - AEAD_TAG);
}

static uint64_t
counter_bit(uint64_t counter)
{
	return (uint64_t)1 << (counter % 64);
}

int
datagram_window_fresh(const struct datagram_window *w, uint64_t counter)
{
	if (counter >= w->next)
		return 1;
	if (w->next - counter > DATAGRAM_WINDOW)
		return 0;
	return !(
	    w->bits[counter % DATAGRAM_WINDOW / 64] & counter_bit(counter));
}

void
datagram_window_take(struct datagram_window *w, uint64_t counter)
{
	uint64_t i;

	if (counter >= w->next && counter - w->next >= DATAGRAM_WINDOW) {
		memset(w->bits, 0, sizeof(w->bits));
		w->next = counter + 1;
	}
	/* These bits still hold counters DATAGRAM_WINDOW older: clear them. */
	for (i = w->next; i <= counter; i++)
		w->bits[i % DATAGRAM_WINDOW / 64] &= ~counter_bit(i);
	if (counter >= w->next)
		w->next = counter + 1;
	w->bits[counter % DATAGRAM_WINDOW / 64] |= counter_bit(counter);
}
