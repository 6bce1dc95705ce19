/* identity: where the kit's files are, and the file that holds an identity.
 * SPDX-License-Identifier: ISC */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <limits.h>
#include <stdint.h>

#include "base/fault.h"
#include "crypto/key.h"

/* The path of `file` (id, peers) in CHAT_HOME, else XDG_CONFIG_HOME/chat, else
 * HOME/.config/chat; the folder is made, 0700, if make is not 0.  -1 and a
 * fault when none of the three is set, when the folder cannot be made, or when
 * others can change what is in it (store_ours). */
int
identity_path(
    char out[static PATH_MAX], const char *file, int make, struct fault *f);

/* Read the secret key of the identity at path: NULL is the one in identity_path, - is
 * standard input.  A file that others may read or change, that belongs to
 * another user, that is not whole, or that holds no key is refused (X_USE).  If
 * it is protected, the passphrase is asked for on the terminal (three tries);
 * with no terminal X_USE.  before, unless it is NULL, is called then, and may
 * return -1 and a fault instead.  0; 1 where to read it again would be to ask
 * again, or is impossible: standard input, or not a regular file; -1 and a fault. */
int
identity_load(uint8_t secret[static KEY_BYTES], const char *path,
    int (*before)(struct fault *f), struct fault *f);

/* Would identity_load refuse the file at path, but for its passphrase?  A pipe is
 * not read.  A file that is not there passes.  0, or -1 and a fault. */
int
identity_check(const char *path, struct fault *f);

/* Write a new identity, 0600, whole or not at all; an existing file is never
 * overwritten (X_USE).  With ask it is put under a passphrase that is asked for
 * twice on the terminal (none is given: X_USE). */
int
identity_create(const char *path, const uint8_t secret[static KEY_BYTES],
    int ask, struct fault *f);

/* Put the identity at path under a passphrase, or under another, or take the
 * passphrase away: asks on the terminal for the old one, if there is one, and
 * twice for the new one.  Its comments, mode and owner are kept.  The file is
 * replaced whole or not at all.  0, or 1 if the person chose to leave it as it
 * was, or -1 and a fault. */
int
identity_protect(const char *path, struct fault *f);

#endif
