/* claim: a spoken code is taken so that it serves once.
 * SPDX-License-Identifier: ISC */
#ifndef CLAIM_H
#define CLAIM_H

#include "code.h"
#include "fault.h"

/* Take the code so that nobody else can: `-` asks for it on the terminal, of
 * /dev/fd/N the descriptor that is open already is read up, and a file is
 * removed.  A slip of the pen does not spend it.  0 and the code, normalised, or
 * -1 and a fault (X_USE). */
int
claim_code(char prs[static CODE_PASS], const char *where, struct fault *f);

#endif
