/* sealed: the header of a sealed file (chat-wire(5), SEALED FILES).
 * SPDX-License-Identifier: ISC */
#ifndef SEALED_H
#define SEALED_H

#include "crypto/key.h"
#include "wire/record.h"

enum sealed_form { SEALED_KEY = 0, SEALED_PASS = 1, SEALED_MANY = 2 };

enum {
	SEALED_HEAD = 8, /* `chatX1`, cipher, form */
	SEALED_CIPHER = 6, /* where it stands */
	SEALED_FORM = 7,
	SEALED_COUNT = 8, /* of SEALED_MANY: how many entries follow */
	SEALED_SALT = 16,
	SEALED_CHECK = 32,
	/* what follows the head: a Noise X message, or salt, costs, check */
	SEALED_KEY_REST = 96,
	SEALED_PASS_REST = SEALED_SALT + 8 + SEALED_CHECK,
	SEALED_KEYS = 64, /* most recipients */
	SEALED_ENTRY = 128, /* a Noise X message with 32 bytes in it */
	SEALED_MAX = SEALED_COUNT + 1 + SEALED_KEYS * SEALED_ENTRY
};

/* Write the header of a file from id for `to`; r is ready for its records.
 * The length, or -1 if `to` is a key of low order, -2 if this machine lacks
 * the cipher. */
ssize_t
sealed_key_make(struct record *r, uint8_t out[static SEALED_MAX], int cipher,
    const uint8_t id[static KEY_BYTES], const uint8_t to[static KEY_BYTES]);

/* Write the header of a file under a passphrase of n bytes, stretched with
 * these costs (keywrap.h).  The length, -1 with errno as keywrap_stretch has it, or
 * -2 as above. */
ssize_t
sealed_pass_make(struct record *r, uint8_t out[static SEALED_MAX], int cipher,
    const char *pass, size_t n, uint32_t passes, uint32_t kib);

/* Write the header of a file from id for count keys, 1 to SEALED_KEYS of them.
 * The length, or -1 if the key number *low is of low order, -2 as above. */
ssize_t
sealed_many_make(struct record *r, uint8_t out[static SEALED_MAX], int cipher,
    const uint8_t id[static KEY_BYTES], const uint8_t (*to)[KEY_BYTES],
    size_t count, size_t *low);

/* How long the header is that begins with these n bytes, as far as they tell: it
 * is whole if that is not more than n.  -1 if it begins no sealed file. */
ssize_t
sealed_length(const uint8_t *in, size_t n);

/* Read a whole header of SEALED_KEY for id.  0 and who sealed it; -1 if it is
 * not for id, or was changed; -2 as above. */
int
sealed_key_open(struct record *r, const uint8_t in[static SEALED_MAX],
    const uint8_t id[static KEY_BYTES], uint8_t from[static KEY_BYTES]);

/* The same for a header of SEALED_MANY, in which one entry is for id.  Whoever
 * can open such a file could have made all that follows its header: -1 is found
 * here for the entry alone, and for the rest of the header with the first
 * record. */
int
sealed_many_open(struct record *r, const uint8_t in[static SEALED_MAX],
    const uint8_t id[static KEY_BYTES], uint8_t from[static KEY_BYTES]);

/* Read a whole header of SEALED_PASS.  0; -1 with errno: EBADMSG for another
 * passphrase (or a changed header), ERANGE for costs that are not to be
 * believed, ENOMEM; -2 as above. */
int
sealed_pass_open(struct record *r, const uint8_t in[static SEALED_MAX],
    const char *pass, size_t n);

#endif
