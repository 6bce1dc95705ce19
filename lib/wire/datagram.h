/* datagram: the datagram records of a session (chat-wire(5), DATAGRAM RECORDS):
 * an 8-byte big-endian counter, then what was sealed under it.
 * SPDX-License-Identifier: ISC */
#ifndef DATAGRAM_H
#define DATAGRAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "crypto/aead.h"

enum {
	DATAGRAM_WINDOW = 8192
}; /* counters behind the newest that may still come */

/* All zero to begin with. */
struct datagram_window {
	uint64_t next; /* one more than the newest taken */
	uint64_t bits[DATAGRAM_WINDOW / 64];
};

/* May this counter be taken: it has not been, and is not too old?  1 or 0. */
int
datagram_window_fresh(const struct datagram_window *w, uint64_t counter);

/* Take it; only after what came with it has proved authentic. */
void
datagram_window_take(struct datagram_window *w, uint64_t counter);

enum {
	DATAGRAM_HEAD = 8,
	DATAGRAM_OVERHEAD = DATAGRAM_HEAD + AEAD_TAG,
	DATAGRAM_EPOCH = 20, /* counter >> this: the key's number */
	DATAGRAM_AHEAD = 16 /* epochs beyond the newest that are tried */
};

/* The sending direction.  n is the next counter; begin with 0. */
struct datagram_out {
	struct aead key;
	uint64_t n;
};

/* The receiving direction.  Begin with all zero but the key. */
struct datagram_in {
	struct aead key, before; /* this epoch's, the one before */
	uint64_t epoch;
	struct datagram_window window;
	/* Those of the epochs behind this one, the first `derived` of them:
	 * what is not authentic shall cost no more than what is. */
	struct aead ahead[DATAGRAM_AHEAD];
	unsigned derived;
};

enum datagram_kind {
	DATAGRAM_FALSE = -1, /* not authentic, or of no possible epoch */
	DATAGRAM_OLD = -2 /* repeated, or too old to know */
};

/* Seal n bytes (none: a sign of life); out has room for DATAGRAM_OVERHEAD more.
 * The length of the datagram. */
size_t
datagram_seal(
    struct datagram_out *p, uint8_t *out, const uint8_t *in, size_t n);

/* Open a datagram of n bytes; out has room for n.  How many came out, or a
 * datagram_kind. */
ssize_t
datagram_open(struct datagram_in *p, uint8_t *out, const uint8_t *in, size_t n);

#endif
