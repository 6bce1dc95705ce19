/* keys: split the bytes that a terminal sends into text and keys: controls,
 * escape sequences, pastes.
 * SPDX-License-Identifier: ISC */
#ifndef TERM_KEYS_H
#define TERM_KEYS_H

#include <stddef.h>

/* Begin with zeros. */
struct keys {
	int state; /* in an escape sequence */
	unsigned number; /* its first number */
	int pasting, after_cr;
	size_t matched; /* bytes of a paste's end that have come */
};

enum { KEYS_DELETE = '3', KEYS_HERE = '1', KEYS_AWAY = '0' };

/* Either n > 0 bytes of text, or a key.  letter is that of its control: A for
 * ^A and Home, ? for DEL, M for a newline (one for CR LF in a paste);
 * KEYS_DELETE; KEYS_HERE or KEYS_AWAY for the focus (DECSET 1004); 0:
 * unknown. */
struct key {
	const char *text;
	size_t n;
	char letter;
};

/* Read the next key from n > 0 bytes.  How many bytes it took; its text, if
 * any, may point into them.  After a 0 call it again. */
size_t
keys_next(struct keys *k, const char *p, size_t n, struct key *key);

#endif
