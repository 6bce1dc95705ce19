/* get: the side of chat-file that receives.
 * SPDX-License-Identifier: ISC */
#ifndef GET_H
#define GET_H

#include <sys/types.h>

#include "base/fault.h"
#include "term/progress.h"

/* Receive what the other side offers by descriptors 0 and 1, and put it into the
 * folder root is open on, with modes less the bits of mask.  dir: what that is
 * called, and peer the other side; key: any text that only it has.  ask shows the
 * offer (harmless, of several lines) and asks: 1 take it, 0 no, -1 and a fault
 * when nobody can be asked; doubt: a yes that was given before does not count.  0
 * when all of it is on disk; 1 when all of it but what was said; -1 and a fault. */
int
get_run(int root, mode_t mask, const char *dir, const char *peer,
    const char *key, struct progress *prog,
    int (*ask)(const char *offer, int doubt, struct fault *f), struct fault *f);

#endif
