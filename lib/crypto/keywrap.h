/* keywrap: a secret key under a passphrase, as one line of text (chat-wire(5),
 * KEYS AND PEERS).
 * SPDX-License-Identifier: ISC */
#ifndef KEYWRAP_H
#define KEYWRAP_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/key.h"

enum {
	KEYWRAP_PASSES = 10, /* most that are ever computed */
	KEYWRAP_KIB = 1 << 20, /* most memory that is ever taken: 1 GiB */
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

/* Stretch a passphrase of n bytes by Argon2id (RFC 9106), one lane.  0, or -1
 * with errno: ERANGE for costs beyond the limits (or under 1 pass, 8 KiB),
 * found before any memory is taken, or ENOMEM. */
int
keywrap_stretch(uint8_t key[static 32], const char *pass, size_t n,
    const uint8_t salt[static KEYWRAP_SALT], uint32_t passes, uint32_t kib);

/* Seal secret with a fresh salt, at l's passes and kib.  0, or -1 and errno as
 * above. */
int
keywrap_seal(struct keywrap *l, const uint8_t secret[static KEY_BYTES],
    const char *pass, size_t n);

/* 0, or -1 with errno as above, or EBADMSG: another passphrase, or the line
 * was changed. */
int
keywrap_open(uint8_t secret[static KEY_BYTES], const struct keywrap *l,
    const char *pass, size_t n);

/* Write the line, without a newline. */
void
keywrap_text(char text[static KEYWRAP_TEXT], const struct keywrap *l);

/* Read it.  0, or -1 with errno: EINVAL if it is no such line, ERANGE if it is
 * but its costs are beyond the limits. */
int
keywrap_parse(struct keywrap *l, const char *text);

#endif
