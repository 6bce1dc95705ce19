/* sealed: the header of a sealed file (chat-wire(5), SEALED FILES).
 * SPDX-License-Identifier: ISC */
#ifndef SEALED_H
#define SEALED_H

#include "crypto/key.h"
#include "wire/record.h"

enum sealed_form { SEALED_KEY = 0, SEALED_PASS = 1, SEALED_MANY = 2 };

enum {
	SEALED_HEAD = 8, /* `chatX1`, cipher, form */
	SEALED_CIPHER = 6, /* where the cipher's number stands */
	SEALED_FORM = 7,
	SEALED_COUNT = 8, /* SEALED_MANY: where the number of entries stands */
	SEALED_SALT = 16,
	SEALED_CHECK = 32,
	/* after the head: a Noise X message, or salt, costs, check */
	SEALED_KEY_REST = 96,
	SEALED_PASS_REST = SEALED_SALT + 8 + SEALED_CHECK,
	SEALED_KEYS = 64, /* most recipients */
	SEALED_ENTRY = 128, /* a Noise X message with 32 bytes of payload */
	SEALED_MAX = SEALED_COUNT + 1 + SEALED_KEYS * SEALED_ENTRY
};

/* Write the header of a file from id for `to`, and get r ready for its records.
 * The length; -1 if `to` is a key of low order, -2 if this machine lacks the
 * cipher. */
ssize_t
sealed_key_make(struct record *r, uint8_t out[static SEALED_MAX], int cipher,
    const uint8_t id[static KEY_BYTES], const uint8_t to[static KEY_BYTES]);

/* Write the header of a file under a passphrase of n bytes, with these costs
 * (keywrap.h).  The length; -1 and errno as keywrap_stretch, -2 as above. */
ssize_t
sealed_pass_make(struct record *r, uint8_t out[static SEALED_MAX], int cipher,
    const char *pass, size_t n, uint32_t passes, uint32_t kib);

/* Write the header of a file from id for count keys, 1 to SEALED_KEYS.  The
 * length; -1 if key number *low is of low order, -2 as above. */
ssize_t
sealed_many_make(struct record *r, uint8_t out[static SEALED_MAX], int cipher,
    const uint8_t id[static KEY_BYTES], const uint8_t (*to)[KEY_BYTES],
    size_t count, size_t *low);

/* The length of the header that begins with these n bytes, as far as they tell:
 * the header is whole once n reaches it.  -1: not a sealed file. */
ssize_t
sealed_length(const uint8_t *in, size_t n);

/* Read a whole SEALED_KEY header for id.  0 and the sender's key; -1 if it is
 * not for id, or was changed; -2 as above. */
int
sealed_key_open(struct record *r, const uint8_t in[static SEALED_MAX],
    const uint8_t id[static KEY_BYTES], uint8_t from[static KEY_BYTES]);

/* As above for SEALED_MANY, with an entry for id.  Only the entry is checked
 * here (-1); a change elsewhere in the header shows when the first record does
 * not open.  Every recipient of such a file could have forged its contents. */
int
sealed_many_open(struct record *r, const uint8_t in[static SEALED_MAX],
    const uint8_t id[static KEY_BYTES], uint8_t from[static KEY_BYTES]);

/* Read a whole SEALED_PASS header.  0; -1 and errno: EBADMSG for a wrong
 * passphrase (or a changed header), ERANGE for costs over the limits, ENOMEM;
 * -2 as above. */
int
sealed_pass_open(struct record *r, const uint8_t in[static SEALED_MAX],
    const char *pass, size_t n);

#endif
