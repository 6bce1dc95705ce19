/* words: a byte as a word to say aloud.
 * SPDX-License-Identifier: ISC */
#ifndef WORDS_H
#define WORDS_H

#include <stddef.h>
#include <stdint.h>

enum { WORDS_LEN = 11 }; /* most letters in a word */

/* The word for byte at position pos, lower case a-z.  Even positions have words
 * of two syllables and odd ones of three, so that a word left out, doubled or
 * swapped with its neighbour is noticed.  The lists are the PGP word list of
 * Juola and Zimmermann. */
const char *
words_at(unsigned pos, uint8_t byte);

/* The byte that word stands for at position pos, in any case; -1 if it is not
 * in that list. */
int
words_find(unsigned pos, const char *word);

/* The word at position pos at the fewest letters' distance; NULL if that is
 * more than half of the letters. */
const char *
words_near(unsigned pos, const char *word);

/* The letters that all words at position pos beginning with the n letters at p
 * share after those, written to out.  How many such words there are. */
int
words_complete(
    unsigned pos, const char *p, size_t n, char out[static WORDS_LEN + 1]);

#endif
