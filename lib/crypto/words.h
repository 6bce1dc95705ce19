/* words: a byte as a word to say aloud.
 * SPDX-License-Identifier: ISC */
#ifndef WORDS_H
#define WORDS_H

#include <stdint.h>

enum { WORDS_LEN = 11 }; /* most letters in a word */

/* The word for byte at position pos, lower case a-z.  Words at even positions
 * have two syllables, at odd ones three, so that one that is left out, doubled
 * or swapped with its neighbour is noticed.  The lists are the PGP word list
 * of Juola and Zimmermann. */
const char *
words_at(unsigned pos, uint8_t byte);

/* The byte that word stands for at position pos, in any case; -1 if it is not
 * in that list. */
int
words_find(unsigned pos, const char *word);

#endif
