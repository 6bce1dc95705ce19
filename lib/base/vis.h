/* vis: a peer's text made harmless for a terminal or a log.
 * SPDX-License-Identifier: ISC */
#ifndef VIS_H
#define VIS_H

#include <stddef.h>
#include <stdint.h>

/* No input byte becomes more than this many. */
#define VIS_MAX 4

/* Copy n bytes of in to out, at most cap - 1 of them and a NUL, so that
 * nothing in out moves a cursor, changes a terminal or reorders text: C0
 * controls and DEL as ^[ and ^?, C1 controls, line and paragraph separators
 * and the bidirectional controls as <U+202E>, bytes that are no UTF-8 as \xff.
 * Tabs and all other text stay.  With cap > VIS_MAX * n everything fits; else
 * it is cut between characters.  Returns the length of out. */
size_t
vis_text(char *out, size_t cap, const char *in, size_t n);

/* What is written may come to fd: where that is a terminal and the locale's
 * characters are not UTF-8, bytes from 0x80 to 0x9f act there, so vis_text writes
 * a character that has one as \xc3\x89.  Reads the environment. */
void
vis_terminal(int fd);

/* The length of the UTF-8 character at in, of n > 0 bytes (RFC 3629: shortest
 * form, no surrogates, at most U+10FFFF), and its number in c; 0 where there is
 * none. */
size_t
vis_char(const char *in, size_t n, uint32_t *c);

/* at, or less where that would cut the UTF-8 character at p[at] off its
 * beginning. */
size_t
vis_edge(const void *p, size_t at);

/* The length of the character at p, of n > 0 bytes, if it is one that could do
 * such harm, tabs too; else 0. */
size_t
vis_harm(const char *p, size_t n);

#endif
