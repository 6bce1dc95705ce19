/* get: the side of chat-file that receives.
 * SPDX-License-Identifier: ISC */
#ifndef GET_H
#define GET_H

#include <sys/types.h>

#include "base/fault.h"
#include "term/progress.h"

/* Receive what the peer offers, by descriptors 0 and 1, into the folder open on
 * root, with modes less the bits of mask.  dir: the folder's name; peer: the
 * peer's; key: a text that no other peer has.  ask shows the offer (harmless
 * text, several lines) and asks: 1 yes, 0 no, -1 and a fault if it cannot ask;
 * doubt: do not count a yes given in advance.  0 when all is on disk; 1 when
 * all but what was reported; -1 and a fault. */
int
get_run(int root, mode_t mask, const char *dir, const char *peer,
    const char *key, struct progress *prog,
    int (*ask)(const char *offer, int doubt, struct fault *f), struct fault *f);

#endif
