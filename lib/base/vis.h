/* vis: a peer's text made harmless for a terminal or a log.
 * SPDX-License-Identifier: ISC */
#ifndef VIS_H
#define VIS_H

#include <stddef.h>
#include <stdint.h>

/* The most output bytes for one input byte. */
#define VIS_MAX 4

/* Copy n bytes of in to out, at most cap - 1 of them and a NUL, so that nothing
 * in out moves a cursor, changes a terminal or reorders text: C0 controls and
 * DEL become ^[ and ^?; C1 controls, line and paragraph separators and the
 * bidirectional controls <U+202E>; bytes that are not UTF-8 \xff.  Tabs and
 * other text stay.  All fits if cap > VIS_MAX * n; else it is cut between
 * characters. Returns the length of out. */
size_t
vis_text(char *out, size_t cap, const char *in, size_t n);

/* Say where the text will go.  If fd is a terminal and the locale is not UTF-8,
 * bytes 0x80 to 0x9f act as controls, so vis_text then escapes characters that
 * contain one.  Reads the environment. */
void
vis_terminal(int fd);

/* The length of the UTF-8 character at in, of n > 0 bytes (RFC 3629: shortest
 * form, no surrogates, at most U+10FFFF), its number in c; 0 if not valid. */
size_t
vis_char(const char *in, size_t n, uint32_t *c);

/* Return at, or less where at would cut the UTF-8 character there. */
size_t
vis_edge(const void *p, size_t at);

/* The length of the character at p, of n > 0 bytes, if vis_text would change it
 * or it is a tab; else 0. */
size_t
vis_harm(const char *p, size_t n);

#endif
