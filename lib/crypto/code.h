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

/* Write a code, `4721-adult-maritime-kiwi`.  The number, 1 to 9999, is no
 * secret; the words are. */
void
code_make(char out[static CODE_TEXT], const uint8_t random[static CODE_RANDOM]);

/* Make of what a person typed, n bytes, what both sides have the same (the PRS
 * of CPace, chat-wire(5)): the three words in lower case, a hyphen between
 * them, and a NUL.  Case, blanks for hyphens, several of them, and the number
 * do not matter.  What cannot be a code is a fault (X_USE), and a word that is
 * not in the list, or not in its place, is named, with the nearest that is: a slip is no guess. */
int
code_normalise(
    char out[static CODE_PASS], const char *text, size_t n, struct fault *f);

/* What can be added to an unfinished code: the letters that all words which
 * begin as its last one have in common, and a hyphen behind a word that is the
 * only one and not the last. */
void
code_complete(char out[static WORDS_LEN + 2], const char *text);

#endif
