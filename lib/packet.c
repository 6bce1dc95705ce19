/* packet: the datagram records of a session (chat-wire(5), DATAGRAM RECORDS):
 * an 8-byte big-endian counter, then what was sealed under it.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "be.h"
#include "packet.h"

size_t
packet_seal(struct packet_out *p, uint8_t *out, const uint8_t *in, size_t n)
{
	if (p->n > 0 && p->n % ((uint64_t)1 << PACKET_EPOCH) == 0)
		aead_rekey(&p->key);
	be64_put(out, p->n);
	aead_seal(&p->key, p->n++, NULL, 0, out + PACKET_HEAD, in, n);
	return n + PACKET_OVERHEAD;
}

/* Under the key that is n epochs ahead: it is gone over to only if it proves
 * right. */
static int
open_ahead(struct packet_in *p, unsigned n, uint64_t counter, uint8_t *out,
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
packet_open(struct packet_in *p, uint8_t *out, const uint8_t *in, size_t n)
{
	uint64_t counter, epoch;
	int bad;

	if (n < PACKET_OVERHEAD)
		return PACKET_FALSE;
	counter = be64_get(in);
	epoch = counter >> PACKET_EPOCH;
	if (epoch > p->epoch + PACKET_AHEAD)
		return PACKET_FALSE;
	in += PACKET_HEAD;
	n -= PACKET_HEAD;
	if (epoch > p->epoch)
		bad = open_ahead(
		    p, (unsigned)(epoch - p->epoch), counter, out, in, n);
	else if (epoch == p->epoch)
		bad = aead_open(&p->key, counter, NULL, 0, out, in, n);
	else if (epoch + 1 == p->epoch)
		bad = aead_open(&p->before, counter, NULL, 0, out, in, n);
	else
		return PACKET_OLD;
	if (bad)
		return PACKET_FALSE;
	if (!window_fresh(&p->window, counter))
		return PACKET_OLD;
	window_take(&p->window, counter);
	return (ssize_t)(n - AEAD_TAG);
}
