/* code: a number and three words that two people agree on by talking.
 * SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "base/be.h"
#include "crypto/code.h"

#define BETWEEN " \t\r\n-"
#define DIGITS "0123456789"

void
code_make(char out[static CODE_TEXT], const uint8_t random[static CODE_RANDOM])
{
	snprintf(out, CODE_TEXT, "%u-%s-%s-%s", be16_get(random) % 9999u + 1,
	    words_at(0, random[2]), words_at(1, random[3]),
	    words_at(2, random[4]));
}

/* Append a word of n letters after the i before it.  The new length. */
static int
word(char *out, int at, unsigned i, const char *p, size_t n, struct fault *f)
{
	char one[2 * WORDS_LEN];
	const char *near;
	int byte;

	if (n < sizeof(one) && !memchr(p, '\0', n)) {
		memcpy(one, p, n);
		one[n] = '\0';
		byte = words_find(i, one);
		if (byte != -1)
			return at + snprintf(out + at, CODE_PASS - (size_t)at,
			                "%s%s", i ? "-" : "",
			                words_at(i, (uint8_t)byte));
		if (words_find(i + 1, one) != -1)
			return fault(f, X_USE,
			    "`%s' stands in the wrong place in this code", one);
		near = words_near(i, one);
		if (near)
			return fault(f, X_USE,
			    "`%s' is not a word of a code: %s?", one, near);
	}
	return fault(f, X_USE, "`%.*s' is not a word of a code",
	    (int)(n < 40 ? n : 40), p);
}

/* How many bytes at p, of n, are all in, or all not in, a set. */
static size_t
span(const char *p, size_t n, const char *set, int in)
{
	size_t i = 0;

	while (i < n && (p[i] && strchr(set, p[i]) != NULL) == in)
		i++;
	return i;
}

int
code_normalise(
    char out[static CODE_PASS], const char *text, size_t n, struct fault *f)
{
	const char *p = text, *stop = text + n;
	unsigned words = 0;
	int at = 0, first;
	size_t len;

	for (first = 1;; first = 0, p += len) {
		p += span(p, (size_t)(stop - p), BETWEEN, 1);
		len = span(p, (size_t)(stop - p), BETWEEN, 0);
		if (len == 0 || words == CODE_WORDS)
			break;
		/* A number in front is not part of the secret. */
		if (first && span(p, len, DIGITS, 1) == len)
			continue;
		at = word(out, at, words++, p, len, f);
		if (at == -1)
			break;
	}
	if (len == 0 && words == CODE_WORDS)
		return 0;
	*out = '\0';
	return at == -1 ? -1
	                : fault(f, X_USE,
	                      "a code is a number and three words, such as "
	                      "4721-adult-maritime-kiwi");
}

void
code_complete(char out[static WORDS_LEN + 2], const char *text)
{
	unsigned words = 0;
	size_t len;
	int first;

	*out = '\0';
	for (first = 1;; first = 0, text += len) {
		text += strspn(text, BETWEEN);
		len = strcspn(text, BETWEEN);
		if (text[len] == '\0')
			break;
		words += !first || strspn(text, DIGITS) < len;
	}
	if (len > 0 && len <= WORDS_LEN && words < CODE_WORDS &&
	    words_complete(words, text, len, out) == 1 &&
	    words + 1 < CODE_WORDS)
		strcat(out, "-");
}
