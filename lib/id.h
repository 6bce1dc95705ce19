/* id: where the kit's files are, and the file that holds an identity.
 * SPDX-License-Identifier: ISC */
#ifndef ID_H
#define ID_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "key.h"

/* The path of `file` (id, peers) in CHAT_HOME, else XDG_CONFIG_HOME/chat, else
 * HOME/.config/chat; the folder is made, 0700, if make is not 0.  -1 and a
 * fault when none of the three is set or the folder cannot be made. */
int
id_path(char *out, size_t cap, const char *file, int make, struct fault *f);

/* Read the secret key of the identity at path.  A file that others may read,
 * that is not whole, or that holds no key is refused (X_USE).  If it is
 * protected, the passphrase is asked for on the terminal (three tries); with
 * no terminal X_USE. */
int
id_load(uint8_t secret[static KEY_BYTES], const char *path, struct fault *f);

/* Write a new identity, 0600, whole or not at all; an existing file is never
 * overwritten (X_USE). */
int
id_create(
    const char *path, const uint8_t secret[static KEY_BYTES], struct fault *f);

#endif
