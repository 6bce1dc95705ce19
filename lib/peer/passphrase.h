/* passphrase: passphrases from the terminal, and what stretching them may cost.
 * SPDX-License-Identifier: ISC */
#ifndef PASSPHRASE_H
#define PASSPHRASE_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

enum { PASSPHRASE_MAX = 1024 }; /* bytes, NUL included; use secret memory */

/* Ask `passphrase of WHAT: `; wrong: the last answer was.  The length of the
 * answer, or -1 and a fault (X_USE) where there is no terminal or no answer. */
int
passphrase_ask(char out[static PASSPHRASE_MAX], int wrong, const char *what,
    struct fault *f);

/* Ask for a new one, and again, until both are the same (three tries).  An
 * empty one is allowed; `note` stands in the prompt.  The length, or -1. */
int
passphrase_new(char out[static PASSPHRASE_MAX], const char *what,
    const char *note, struct fault *f);

/* Take a passphrase from a file: all of it but one newline at its end.  The
 * length, not 0, or -1 and a fault. */
int
passphrase_file(
    char out[static PASSPHRASE_MAX], const char *path, struct fault *f);

/* Ask a question whose answer is y or n; n if there is none. */
int
passphrase_sure(const char *question);

/* Find passes and KiB for which keywrap_stretch takes about half a second on this
 * machine: three passes or more, 64 MiB or more, at most a quarter of the
 * memory there is.  -1 and errno. */
int
passphrase_cost(uint32_t *passes, uint32_t *kib);

#endif
