/* lock: a secret key under a passphrase, as one line of text (chat-wire(5),
 * KEYS AND PEERS).
 * SPDX-License-Identifier: ISC */
#ifndef LOCK_H
#define LOCK_H

#include <stddef.h>
#include <stdint.h>

#include "key.h"

enum {
	LOCK_PASSES = 10, /* most that are ever computed */
	LOCK_KIB = 1 << 20, /* most memory that is ever taken: 1 GiB */
	LOCK_SALT = 16,
	LOCK_SEALED = KEY_BYTES + 16,
	LOCK_TEXT = 128 /* bytes of the line, NUL included */
};

#define LOCK_NAME "argon2id$" /* how the line begins */

struct lock {
	uint32_t passes, kib;
	uint8_t salt[LOCK_SALT];
	uint8_t sealed[LOCK_SEALED];
};

/* Stretch a passphrase of n bytes by Argon2id (RFC 9106), one lane.  0, or -1
 * with errno: ERANGE for costs beyond the limits (or under 1 pass, 8 KiB),
 * found before any memory is taken, or ENOMEM. */
int
lock_stretch(uint8_t key[static 32], const char *pass, size_t n,
    const uint8_t salt[static LOCK_SALT], uint32_t passes, uint32_t kib);

/* Seal secret with a fresh salt, at l's passes and kib.  0, or -1 and errno as
 * above. */
int
lock_seal(struct lock *l, const uint8_t secret[static KEY_BYTES],
    const char *pass, size_t n);

/* 0, or -1 with errno as above, or EBADMSG: another passphrase, or the line
 * was changed. */
int
lock_open(uint8_t secret[static KEY_BYTES], const struct lock *l,
    const char *pass, size_t n);

/* Write the line, without a newline. */
void
lock_text(char text[static LOCK_TEXT], const struct lock *l);

/* Read it.  0, or -1 with errno: EINVAL if it is no such line, ERANGE if it is
 * but its costs are beyond the limits. */
int
lock_parse(struct lock *l, const char *text);

#endif
