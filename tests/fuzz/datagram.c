/* fuzz/datagram: datagram records that are lost, repeated, mixed up and changed,
 * against a plain account of what was taken.
 * SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>

#include "fuzz.h"
#include "wire/datagram.h"

enum { MOST = 128, TEXT = 24, EPOCH = 1 << DATAGRAM_EPOCH };

static struct sent {
	uint64_t counter;
	uint8_t wire[TEXT + DATAGRAM_OVERHEAD];
	size_t n;
	int taken;
} sent[MOST];
static size_t count;
static uint64_t newest, epoch; /* of those that were taken */
static int any;

static void
fill(uint8_t text[static TEXT], uint64_t counter)
{
	size_t i;

	for (i = 0; i < TEXT; i++)
		text[i] = (uint8_t)((counter + 1) * (i + 3) >> (i % 5));
}

/* Seal one of n bytes. */
static void
seal(struct datagram_out *out, size_t n)
{
	uint8_t text[TEXT];
	struct sent *s = &sent[count % MOST];

	fill(text, out->n);
	s->counter = out->n;
	s->taken = 0;
	s->n = datagram_seal(out, s->wire, text, n);
	MUST(s->n == n + DATAGRAM_OVERHEAD);
	count++;
}

/* The receiver says of it what the account does. */
static void
deliver(struct datagram_in *in, struct sent *s)
{
	uint8_t got[sizeof(s->wire)], text[TEXT];
	uint64_t of = s->counter >> DATAGRAM_EPOCH;
	ssize_t n = datagram_open(in, got, s->wire, s->n);

	if (of > epoch + DATAGRAM_AHEAD) {
		MUST(n == DATAGRAM_FALSE);
		return;
	}
	if (s->taken || of + 1 < epoch ||
	    (any && newest >= s->counter &&
	        newest + 1 - s->counter > DATAGRAM_WINDOW)) {
		MUST(n == DATAGRAM_OLD);
		return;
	}
	fill(text, s->counter);
	MUST(n == (ssize_t)(s->n - DATAGRAM_OVERHEAD));
	MUST(memcmp(got, text, (size_t)n) == 0);
	s->taken = 1;
	if (of > epoch)
		epoch = of;
	if (!any || s->counter > newest)
		newest = s->counter;
	any = 1;
}

/* Some are lost, of one epoch: its first was sealed, its last will be. */
static void
skip(struct datagram_out *out, uint64_t n)
{
	if (n < EPOCH && out->n % EPOCH > 0 && out->n % EPOCH + n < EPOCH)
		out->n += n;
}

/* It was changed, and is never taken. */
static void
damaged(struct datagram_in *in, const uint8_t *wire, size_t n)
{
	uint8_t got[TEXT + DATAGRAM_OVERHEAD];

	MUST(datagram_open(in, got, wire, n) < 0);
}

/* data: steps of three bytes.  The sender seals, or goes on to a later counter;
 * what it has sealed comes, or comes changed or cut. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t key[AEAD_KEY] = "a key";
	static struct datagram_in in;
	static struct datagram_out out;
	uint8_t wire[TEXT + DATAGRAM_OVERHEAD];
	const struct sent *s;

	if (sodium_init() == -1)
		return 0;
	memset(&in, 0, sizeof(in));
	memset(&out, 0, sizeof(out));
	count = 0;
	any = 0;
	newest = epoch = 0;
	aead_init(&in.key, AEAD_CHACHAPOLY, key);
	aead_init(&out.key, AEAD_CHACHAPOLY, key);
	seal(&out, 1);
	for (; n >= 3; data += 3, n -= 3) {
		s = &sent[data[1] % (count < MOST ? count : MOST)];
		memcpy(wire, s->wire, sizeof(wire));
		switch (data[0] % 8) {
		case 0:
			skip(&out, data[1] * data[2]);
			break;
		case 1:
			skip(&out, EPOCH - out.n % EPOCH - 1 - data[1] % 3);
			break;
		case 2:
			wire[data[2] % s->n] ^= (uint8_t)(1 + data[0] / 8);
			damaged(&in, wire, s->n);
			break;
		case 3:
			damaged(&in, wire, data[2] % s->n);
			break;
		case 4:
		case 5:
			seal(&out, data[2] % (TEXT + 1u));
			break;
		default:
			deliver(&in, &sent[s - sent]);
		}
	}
	return 0;
}
