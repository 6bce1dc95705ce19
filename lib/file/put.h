/* put: the side of chat-file that sends.
 * SPDX-License-Identifier: ISC */
#ifndef PUT_H
#define PUT_H

#include <stddef.h>

#include "base/fault.h"
#include "term/progress.h"

/* Send n files and folders to peer, by descriptors 0 and 1; links among the
 * paths are followed; `-` is the file on descriptor CHAT_USER_IN, named input.
 * 0 when all is on the peer's disk; 1 when all but what was reported; -1 and a
 * fault, X_USE only before anything was sent. */
int
put_run(char *const *path, size_t n, const char *input, const char *peer,
    struct progress *prog, struct fault *f);

#endif
