/* vis: a peer's text made harmless for a terminal or a log.
 * SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/vis.h"

static int narrow; /* set by vis_terminal */

void
vis_terminal(int fd)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	const char *value = NULL;
	size_t i;

	for (i = 0; i < 3 && (!value || !*value); i++)
		value = getenv(names[i]);
	narrow |= isatty(fd) && (!value || (!strcasestr(value, "utf-8") &&
	                                       !strcasestr(value, "utf8")));
}

/* Would a terminal that reads single bytes obey one of these n? */
static int
acts(const char *p, size_t n)
{
	size_t i;

	for (i = 0; narrow && i < n; i++)
		if ((p[i] & 0xe0) == 0x80)
			return 1;
	return 0;
}

size_t
vis_char(const char *in, size_t n, uint32_t *c)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)in;
	size_t len, i;

	if (*p < 0x80) {
		*c = *p;
		return 1;
	}
	len = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;
	if (*p < 0xc2 || *p > 0xf4 || n < len)
		return 0;
	*c = *p & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (p[i] & 0x3fu);
	}
	if (*c < least[len] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000))
		return 0;
	return len;
}

static int
harmful(uint32_t c)
{
	return (c >= 0x80 && c < 0xa0) || c == 0x61c || c == 0x200e ||
	       c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff ||
	       (c >= 0xe0000 && c < 0xe0080);
}

size_t
vis_text(char *out, size_t cap, const char *in, size_t n)
{
	char one[16];
	size_t len, put, at = 0;
	uint32_t c;

	for (; n > 0; in += len, n -= len) {
		len = vis_char(in, n, &c);
		if (len == 0) {
			len = 1;
			put = (size_t)snprintf(
			    one, sizeof(one), "\\x%02x", *in & 0xffu);
		} else if ((c < 0x20 && c != '\t') || c == 0x7f) {
			put = 2;
			one[0] = '^';
			one[1] = (char)(c ^ 0x40);
		} else if (len > 1 && acts(in, len)) {
			/* Escape this byte alone; the rest then is not UTF-8
			 * and follows it. */
			len = 1;
			put = (size_t)snprintf(
			    one, sizeof(one), "\\x%02x", *in & 0xffu);
		} else if (harmful(c)) {
			put = (size_t)snprintf(
			    one, sizeof(one), "<U+%04X>", (unsigned)c);
		} else {
			put = len;
			memcpy(one, in, len);
		}
		if (at + put >= cap)
			break;
		memcpy(out + at, one, put);
		at += put;
	}
	if (cap > 0)
		out[at] = '\0';
	return at;
}

size_t
vis_harm(const char *p, size_t n)
{
	uint32_t c;
	size_t len = vis_char(p, n, &c);

	return len > 0 && (c < 0x20 || c == 0x7f || harmful(c)) ? len : 0;
}

size_t
vis_edge(const void *p, size_t at)
{
	while (at > 0 && (((const uint8_t *)p)[at] & 0xc0) == 0x80)
		at--;
	return at;
}
