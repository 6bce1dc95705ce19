/* codefile: take a spoken code so that it serves only once.
 * SPDX-License-Identifier: ISC */
#ifndef CODEFILE_H
#define CODEFILE_H

#include "base/fault.h"
#include "crypto/code.h"

enum { CODEFILE_NUMBER = 9 }; /* digits kept of the number */

/* Read the code that codefile_claim would take, and leave it; `-` asks for it
 * on the terminal until it is valid.  0, its leading digits, if any, and the
 * code, normalised; or -1 and a fault (X_USE). */
int
codefile_read(char number[static CODEFILE_NUMBER + 1],
    char prs[static CODE_PASS], const char *where, struct fault *f);

/* Take the code so that only we can use it: `-` asks on the terminal; /dev/fd/N
 * and /dev/stdin are read to the end; a file is removed, and must be regular,
 * with one name, not a link.  A malformed code is not used up.  0 and the code,
 * normalised, or -1 and a fault (X_USE). */
int
codefile_claim(char prs[static CODE_PASS], const char *where, struct fault *f);

#endif
