/* name: which names of a peer are taken, and what they become on this disk.
 * SPDX-License-Identifier: ISC */
#ifndef NAME_H
#define NAME_H

#include <stddef.h>
#include <stdint.h>

enum {
	NAME_MOST = 255,
	NAME_SAME = 100, /* of them looked at for a file that is there */
	NAME_NUMBERS = 10000 /* most numbers tried for a name */
};

/* May a peer give this path?  Relative, of names between single slashes, each
 * of 1 to NAME_MOST bytes, none of them `.`, `..` or with a NUL in it; with
 * name not 0 it must be a single name.  1 or 0. */
int
name_good(const char *path, size_t len, int name);

/* The name as it is written to disk: C0 and C1 control characters, DEL and
 * what reorders or breaks lines become `_`. */
void
name_safe(char out[static NAME_MOST + 1], const char *name, size_t len);

/* The nth name to try: n 1 is the name itself, then `name (2).ext`.  Whole
 * folders have no .ext.  Cut so that it fits. */
void
name_number(
    char out[static NAME_MOST + 1], const char *name, unsigned n, int folder);

/* The name under which a file that has not arrived whole is kept:
 * `.NAME.HASH.chat-part`, HASH being of the name, its announced size and the key
 * of the peer that sends it, which no other has. */
void
name_part(char out[static NAME_MOST + 1], const char *name, uint64_t size,
    const char *key);

/* Is it such a name?  1 or 0. */
int
name_is_part(const char *name, size_t len);

/* May a link at this path (below the folder that was sent) lead there?  The
 * target is relative, leaves the folder by no `..`, and has one only at its
 * beginning, since what precedes it might be a link itself.  1 or 0. */
int
name_link(const char *path, size_t len, const char *target, size_t n);

#endif
