/* keys: split the bytes that a terminal sends into text and keys: controls,
 * escape sequences, pastes.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "term/keys.h"

enum { PLAIN, ESCAPE, CSI, SS3 };
enum { ESC = 033, DEL = 0177 };

static const char paste_end[] = "\033[201~"; /* DECSET 2004 */

/* The letter of an escape sequence's key, by its last byte; or 0. */
static char
escape(struct keys *k, unsigned char last)
{
	static const char letters[] = "ABCDFH", keys[] = "PNFBEA";
	static const char numbers[] = "147834", named[] = "AEAE3E";
	const char *p = strchr(letters, last);
	int csi = k->state == CSI;
	unsigned i;

	k->state = PLAIN;
	if (csi && (last == 'I' || last == 'O'))
		return last == 'I' ? KEYS_HERE : KEYS_AWAY;
	if (p)
		return keys[p - letters];
	if (last == '~' && k->number == 200)
		k->pasting = 1;
	for (i = 0; last == '~' && numbers[i]; i++)
		if (k->number == (unsigned)(numbers[i] - '0'))
			return named[i];
	return 0;
}

/* The key of a byte that is a control or in an escape sequence; or 0. */
static char
control(struct keys *k, unsigned char c)
{
	if (c == ESC) {
		k->state = ESCAPE;
		k->number = 0;
	} else if (c < ' ' || c == DEL) {
		k->state = PLAIN;
		return c == '\r' || c == '\n' ? 'M' : (char)(c ^ 0x40);
	} else if (k->state == ESCAPE) {
		k->state = c == '[' ? CSI : c == 'O' ? SS3 : PLAIN;
	} else if (k->state == CSI && c < '@') {
		if (c >= '0' && c <= '9' && k->number < 1000)
			k->number = k->number * 10 + c - '0';
	} else {
		return escape(k, c);
	}
	return 0;
}

/* The key of a byte of a paste that may begin its end, or ends a line; or 0. */
static char
pasted(struct keys *k, unsigned char c, int cr)
{
	if (c == (unsigned char)paste_end[k->matched]) {
		k->matched++;
		if (!paste_end[k->matched])
			k->pasting = k->matched = 0;
		return 0;
	}
	return c == '\n' && cr ? 0 : 'M';
}

/* How many of the bytes are text. */
static size_t
run(const struct keys *k, const char *p, size_t n)
{
	unsigned char c;
	size_t i;

	if (k->state != PLAIN || k->matched > 0)
		return 0;
	for (i = 0; i < n; i++) {
		c = (unsigned char)p[i];
		if (k->pasting ? c == ESC || c == '\r' || c == '\n'
		               : (c < ' ' && c != '\t') || c == DEL)
			break;
	}
	return i;
}

size_t
keys_next(struct keys *k, const char *p, size_t n, struct key *key)
{
	unsigned char c = (unsigned char)*p;
	int cr = k->after_cr;

	*key = (struct key){.text = p, .n = run(k, p, n)};
	/* It was not the paste's end: those bytes are text. */
	if (k->matched > 0 && c != (unsigned char)paste_end[k->matched]) {
		*key = (struct key){.text = paste_end, .n = k->matched};
		k->matched = 0;
		return 0;
	}
	k->after_cr = key->n == 0 && c == '\r';
	if (key->n > 0)
		return key->n;
	key->letter = k->pasting ? pasted(k, c, cr) : control(k, c);
	return 1;
}
