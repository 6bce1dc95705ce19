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
}; /* counters, the newest included, that may still come */

/* Begin with zeros. */
struct datagram_window {
	uint64_t next; /* one more than the newest taken */
	uint64_t bits[DATAGRAM_WINDOW / 64];
};

/* 1 if this counter is new and not too old, else 0. */
int
datagram_window_fresh(const struct datagram_window *w, uint64_t counter);

/* Mark it as seen; only after its record proved authentic. */
void
datagram_window_take(struct datagram_window *w, uint64_t counter);

enum {
	DATAGRAM_HEAD = 8,
	DATAGRAM_OVERHEAD = DATAGRAM_HEAD + AEAD_TAG,
	DATAGRAM_EPOCH = 20, /* the key's number is counter >> this */
	DATAGRAM_AHEAD = 16 /* epochs beyond the newest that are tried */
};

/* The sending direction.  n is the next counter, 0 at first. */
struct datagram_out {
	struct aead key;
	uint64_t n;
};

/* The receiving direction.  Begin with zeros and set the key. */
struct datagram_in {
	struct aead key, before; /* of this epoch, of the one before */
	uint64_t epoch;
	struct datagram_window window;
	/* Keys of the next epochs, the first `derived` of them.  They are kept,
	 * so that a forged record costs no more than an authentic one. */
	struct aead ahead[DATAGRAM_AHEAD];
	unsigned derived;
};

enum datagram_kind {
	DATAGRAM_FALSE = -1, /* not authentic, or of an impossible epoch */
	DATAGRAM_OLD = -2 /* repeated, or too old for the window */
};

/* Seal n bytes (0: a keepalive); out has room for DATAGRAM_OVERHEAD more.  The
 * length of the datagram. */
size_t
datagram_seal(
    struct datagram_out *p, uint8_t *out, const uint8_t *in, size_t n);

/* Open a datagram of n bytes; out has room for n.  The length of what came out,
 * or a datagram_kind. */
ssize_t
datagram_open(struct datagram_in *p, uint8_t *out, const uint8_t *in, size_t n);

#endif
