/* record: the stream records of a session or a sealed file (chat-wire(5),
 * STREAM RECORDS): a 2-byte big-endian length, then that many bytes sealed.
 * SPDX-License-Identifier: ISC */
#ifndef RECORD_H
#define RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "crypto/aead.h"

enum {
	RECORD_HEAD = 2,
	RECORD_SEALED = 65535, /* most bytes after the head */
	RECORD_PLAIN = RECORD_SEALED - AEAD_TAG,
	/* Of plaintext, where there is more: libcrypto's ChaCha20 takes 1.3
	 * times as long when 960 bytes stand behind the last whole KiB. */
	RECORD_BULK = 63 << 10,
	RECORD_MAX = RECORD_HEAD + RECORD_SEALED,
	RECORD_EPOCH = 65536 /* records sealed under one key */
};

/* One direction.  n is the next nonce, 0 at first. */
struct record {
	struct aead key;
	uint64_t n;
};

/* Count a record without sealing or opening it. */
void
record_skip(struct record *r);

/* Seal n bytes, at most RECORD_PLAIN; out has room for RECORD_MAX.  n == 0 is
 * the end record.  The length of the whole record. */
size_t
record_seal(struct record *r, uint8_t *out, const uint8_t *in, size_t n);

/* The length of the first record in n bytes, head included; 0 if more bytes are
 * needed; -1 if no record has that length. */
ssize_t
record_whole(const uint8_t *in, size_t n);

/* Open a whole record of n bytes; out has room for RECORD_PLAIN and may be in.
 * The length of the plaintext, 0 at the authenticated end, -1: not
 * authentic. */
ssize_t
record_open(struct record *r, uint8_t *out, const uint8_t *in, size_t n);

#endif
