/* packet: the datagram records of a session (chat-wire(5), DATAGRAM RECORDS):
 * an 8-byte big-endian counter, then what was sealed under it.
 * SPDX-License-Identifier: ISC */
#ifndef PACKET_H
#define PACKET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "aead.h"
#include "window.h"

enum {
	PACKET_HEAD = 8,
	PACKET_OVERHEAD = PACKET_HEAD + AEAD_TAG,
	PACKET_EPOCH = 20, /* counter >> this: the key's number */
	PACKET_AHEAD = 16 /* epochs beyond the newest that are tried */
};

/* The sending direction.  n is the next counter; begin with 0. */
struct packet_out {
	struct aead key;
	uint64_t n;
};

/* The receiving direction.  Begin with all zero but the key. */
struct packet_in {
	struct aead key, before; /* this epoch's, the one before */
	uint64_t epoch;
	struct window window;
	/* Those of the epochs behind this one, the first `derived` of them:
	 * what is not authentic shall cost no more than what is. */
	struct aead ahead[PACKET_AHEAD];
	unsigned derived;
};

enum packet_kind {
	PACKET_FALSE = -1, /* not authentic, or of no possible epoch */
	PACKET_OLD = -2 /* repeated, or too old to know */
};

/* Seal n bytes (none: a sign of life); out has room for PACKET_OVERHEAD more.
 * The length of the datagram. */
size_t
packet_seal(struct packet_out *p, uint8_t *out, const uint8_t *in, size_t n);

/* Open a datagram of n bytes; out has room for n.  How many came out, or a
 * packet_kind. */
ssize_t
packet_open(struct packet_in *p, uint8_t *out, const uint8_t *in, size_t n);

#endif
