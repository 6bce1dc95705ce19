/* identity: the paths of the kit's files, and the file that holds an identity.
 * SPDX-License-Identifier: ISC */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <limits.h>
#include <stdint.h>

#include "base/fault.h"
#include "crypto/key.h"

/* The path of `file` (id, peers) in CHAT_HOME, else XDG_CONFIG_HOME/chat, else
 * HOME/.config/chat; the folder is made, 0700, if make is not 0.  -1 and a
 * fault if all three are unset, the folder cannot be made, or others can change
 * its contents (store_ours). */
int
identity_path(
    char out[static PATH_MAX], const char *file, int make, struct fault *f);

/* Read the secret key of the identity at path (NULL: the one of identity_path;
 * -: stdin).  Refused (X_USE) if others may read or change it, another user
 * owns it, or it is not one whole key.  A protected one asks on the terminal
 * for the passphrase (three tries; without a terminal X_USE); before that,
 * before is called, unless NULL, and may return -1 and a fault.  0; 1 if
 * reading it again would ask again or is impossible (stdin, not a regular
 * file); -1 and a fault. */
int
identity_load(uint8_t secret[static KEY_BYTES], const char *path,
    int (*before)(struct fault *f), struct fault *f);

/* Would identity_load accept the file at path, apart from its passphrase?  A
 * pipe is not read; a missing file passes.  0, or -1 and a fault. */
int
identity_check(const char *path, struct fault *f);

/* Write a new identity, 0600, whole or not at all; an existing file is kept
 * (X_USE).  With ask, ask twice on the terminal for its passphrase (none given:
 * X_USE). */
int
identity_create(const char *path, const uint8_t secret[static KEY_BYTES],
    int ask, struct fault *f);

/* Add, change or remove the passphrase of the identity at path: asks on the
 * terminal for the old one, if any, and twice for the new one.  Comments, mode
 * and owner are kept; the file is replaced whole or not at all.  0; 1 if the
 * person left it as it was; -1 and a fault. */
int
identity_protect(const char *path, struct fault *f);

#endif
