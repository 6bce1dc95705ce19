/* record: the stream records of a session or a sealed file (chat-wire(5),
 * STREAM RECORDS): a 2-byte big-endian length, then that many bytes sealed.
 * SPDX-License-Identifier: ISC */
#include "base/be.h"
#include "wire/record.h"

/* The nonce of the next record; an epoch's first record replaces the key. */
static uint64_t
next(struct record *r)
{
	if (r->n > 0 && r->n % RECORD_EPOCH == 0)
		aead_rekey(&r->key);
	return r->n++;
}

void
record_skip(struct record *r)
{
	(void)next(r);
}

size_t
record_seal(struct record *r, uint8_t *out, const uint8_t *in, size_t n)
{
	be16_put(out, (uint16_t)(n + AEAD_TAG));
	aead_seal(&r->key, next(r), NULL, 0, out + RECORD_HEAD, in, n);
	return RECORD_HEAD + n + AEAD_TAG;
}

ssize_t
record_whole(const uint8_t *in, size_t n)
{
	size_t len;

	if (n < RECORD_HEAD)
		return 0;
	len = be16_get(in);
	if (len < AEAD_TAG)
		return -1;
	return n < RECORD_HEAD + len ? 0 : (ssize_t)(RECORD_HEAD + len);
}

ssize_t
record_open(struct record *r, uint8_t *out, const uint8_t *in, size_t n)
{
	if (aead_open(&r->key, next(r), NULL, 0, out, in + RECORD_HEAD,
	        n - RECORD_HEAD) == -1)
		return -1;
	return (ssize_t)(n - RECORD_HEAD - AEAD_TAG);
}
