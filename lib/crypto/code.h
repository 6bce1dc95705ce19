/* code: a number and three words that two people agree on by talking.
 * SPDX-License-Identifier: ISC */
#ifndef CODE_H
#define CODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "crypto/words.h"

enum {
	CODE_WORDS = 3, /* 24 bits */
	CODE_RANDOM = 5, /* bytes a code is made of */
	CODE_PASS = CODE_WORDS * (WORDS_LEN + 1), /* bytes, NUL included */
	CODE_TEXT = CODE_PASS + 5 /* with the number */
};

/* Write a code, `4721-adult-maritime-kiwi`.  The number, 1 to 9999, is public;
 * the words are secret. */
void
code_make(char out[static CODE_TEXT], const uint8_t random[static CODE_RANDOM]);

/* Normalise the n bytes that a person typed to what both sides share (the PRS
 * of CPace, chat-wire(5)): three words in lower case with hyphens between, and
 * a NUL.  Case, the kind and number of separators, and the number are ignored.
 * Anything else is a fault (X_USE) that names a word not in the list, or not in
 * its place, and the nearest one that is: a misspelling costs no attempt. */
int
code_normalise(
    char out[static CODE_PASS], const char *text, size_t n, struct fault *f);

/* The completion of an unfinished code: the letters that all words which begin
 * like its last one share, and a hyphen after a word that is unique and not the
 * last. */
void
code_complete(char out[static WORDS_LEN + 2], const char *text);

#endif
