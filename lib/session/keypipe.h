/* keypipe: a session key as a line of text in a pipe (chat-wire(5), SESSION
 * KEYS).
 * SPDX-License-Identifier: ISC */
#ifndef KEYPIPE_H
#define KEYPIPE_H

#include "base/fault.h"
#include "crypto/aead.h"

/* Write the key's line into a new pipe and close its writing end; fd becomes
 * the reading end.  0, or -1 and a fault. */
int
keypipe_give(int fd, const struct aead *key, struct fault *f);

/* Read the key from `where`, a descriptor's number or the name of a FIFO, and
 * close it.  Only pipes are accepted: a file could be read twice, and a key
 * used twice gives all its secrets away.  0, or -1 and a fault. */
int
keypipe_take(struct aead *key, const char *where, struct fault *f);

#endif
