/* keywrap: a secret key under a passphrase, as one line of text (chat-wire(5),
 * KEYS AND PEERS).
 * SPDX-License-Identifier: ISC */
#ifndef KEYWRAP_H
#define KEYWRAP_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/key.h"

enum {
	KEYWRAP_PASSES = 10, /* more passes are refused */
	KEYWRAP_KIB = 1 << 20, /* more memory is refused: 1 GiB */
	KEYWRAP_SALT = 16,
	KEYWRAP_SEALED = KEY_BYTES + 16,
	KEYWRAP_TEXT = 128 /* bytes of the line, NUL included */
};

#define KEYWRAP_NAME "argon2id$" /* how the line begins */

struct keywrap {
	uint32_t passes, kib;
	uint8_t salt[KEYWRAP_SALT];
	uint8_t sealed[KEYWRAP_SEALED];
};

/* Derive a key from a passphrase of n bytes by Argon2id (RFC 9106), one lane.
 * 0; or -1 and errno: ERANGE for costs beyond the limits (or below 1 pass, 8
 * KiB), checked before memory is taken, or ENOMEM. */
int
keywrap_stretch(uint8_t key[static 32], const char *pass, size_t n,
    const uint8_t salt[static KEYWRAP_SALT], uint32_t passes, uint32_t kib);

/* Seal secret with a fresh salt, at the passes and kib of l.  0, or -1 and
 * errno as above. */
int
keywrap_seal(struct keywrap *l, const uint8_t secret[static KEY_BYTES],
    const char *pass, size_t n);

/* 0; or -1 and errno as above, or EBADMSG: wrong passphrase, or a changed
 * line. */
int
keywrap_open(uint8_t secret[static KEY_BYTES], const struct keywrap *l,
    const char *pass, size_t n);

/* Write the line, without a newline. */
void
keywrap_text(char text[static KEYWRAP_TEXT], const struct keywrap *l);

/* Read the line.  0; or -1 and errno: EINVAL if it is not such a line, ERANGE
 * if its costs are beyond the limits. */
int
keywrap_parse(struct keywrap *l, const char *text);

#endif
