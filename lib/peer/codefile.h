/* codefile: a spoken code is taken so that it serves once.
 * SPDX-License-Identifier: ISC */
#ifndef CODEFILE_H
#define CODEFILE_H

#include "base/fault.h"
#include "crypto/code.h"

enum { CODEFILE_NUMBER = 9 }; /* most digits of the number that is kept */

/* Read the code that is there and leave it there, as codefile_claim would take it;
 * `-` asks for it on the terminal until it can be one.  0, the digits it begins
 * with, if any, and the code, normalised; or -1 and a fault (X_USE). */
int
codefile_read(char number[static CODEFILE_NUMBER + 1],
    char prs[static CODE_PASS], const char *where, struct fault *f);

/* Take the code so that nobody else can: `-` asks for it on the terminal, of
 * /dev/fd/N, and /dev/stdin as N 0, the descriptor that is open already is read
 * up, and a file is removed: a regular one with no other name, not a link.  A slip of the pen does not spend it.  0 and the code, normalised, or
 * -1 and a fault (X_USE). */
int
codefile_claim(char prs[static CODE_PASS], const char *where, struct fault *f);

#endif
