/* keys: the bytes that a terminal sends, as text and keys: controls, escape
 * sequences, pastes.
 * SPDX-License-Identifier: ISC */
#ifndef TERM_KEYS_H
#define TERM_KEYS_H

#include <stddef.h>

/* Begin with zeros. */
struct keys {
	int state; /* in an escape sequence */
	unsigned number; /* the first in it */
	int pasting, after_cr;
	size_t matched; /* bytes of the end of a paste */
};

enum { KEYS_DELETE = '3', KEYS_HERE = '1', KEYS_AWAY = '0' };

/* One of both: n > 0 bytes of text; or a key, by the letter of its control: A
 * for ^A and Home, ? for DEL; M for a newline, in a paste too, where CR LF is
 * one; or KEYS_DELETE; or that the terminal has the focus or not (DECSET 1004).
 * 0: not a key that is known here. */
struct key {
	const char *text;
	size_t n;
	char letter;
};

/* Take the next key from n > 0 bytes.  How many bytes were taken; the text, if
 * any, may be among them.  0 is possible once, then call again. */
size_t
keys_next(struct keys *k, const char *p, size_t n, struct key *key);

#endif
