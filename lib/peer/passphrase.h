/* passphrase: ask for passphrases, and choose the cost of their derivation.
 * SPDX-License-Identifier: ISC */
#ifndef PASSPHRASE_H
#define PASSPHRASE_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

enum { PASSPHRASE_MAX = 1024 }; /* bytes, NUL included; use secret memory */

/* Ask `passphrase of WHAT: `; wrong: the previous answer was.  The answer's
 * length, or -1 and a fault (X_USE) without a terminal or an answer. */
int
passphrase_ask(char out[static PASSPHRASE_MAX], int wrong, const char *what,
    struct fault *f);

/* Ask for a new one twice, until both are the same (three tries).  An empty one
 * is allowed; the prompt shows note.  The length, or -1. */
int
passphrase_new(char out[static PASSPHRASE_MAX], const char *what,
    const char *note, struct fault *f);

/* Read a passphrase from a file: its contents without one newline at the end.
 * The length, not 0, or -1 and a fault. */
int
passphrase_file(
    char out[static PASSPHRASE_MAX], const char *path, struct fault *f);

/* Ask a question to be answered with y or n; no answer is n. */
int
passphrase_sure(const char *question);

/* Find passes and KiB for which keywrap_stretch takes about 0.5 s on this
 * machine: at least three passes and 64 MiB, at most a quarter of its memory.
 * -1 and errno. */
int
passphrase_cost(uint32_t *passes, uint32_t *kib);

#endif
