/* keypipe: a session key's one line of text in a pipe (chat-wire(5), SESSION
 * KEYS).
 * SPDX-License-Identifier: ISC */
#ifndef KEYPIPE_H
#define KEYPIPE_H

#include "base/fault.h"
#include "crypto/aead.h"

/* Put key in a fresh pipe, of which fd becomes the reading end; the line is
 * there and the writing end is closed.  0, or -1 and a fault. */
int
keypipe_give(int fd, const struct aead *key, struct fault *f);

/* Take the key from `where`, a descriptor's number or the name of a FIFO, and
 * close it.  What is no pipe is refused: a file could be read twice, and a key
 * used twice gives everything away.  0, or -1 and a fault. */
int
keypipe_take(struct aead *key, const char *where, struct fault *f);

#endif
