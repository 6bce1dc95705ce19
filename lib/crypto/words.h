/* words: a byte as a word to say aloud.
 * SPDX-License-Identifier: ISC */
#ifndef WORDS_H
#define WORDS_H

#include <stddef.h>
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

/* The word at position pos that differs from this one by the fewest letters; NULL
 * if that is more than half of them. */
const char *
words_near(unsigned pos, const char *word);

/* What all words at position pos that begin with the n letters at p have in common
 * after them, written to out.  How many words those are. */
int
words_complete(
    unsigned pos, const char *p, size_t n, char out[static WORDS_LEN + 1]);

#endif
