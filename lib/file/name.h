/* name: which names a peer may use, and what they become on this disk.
 * SPDX-License-Identifier: ISC */
#ifndef NAME_H
#define NAME_H

#include <stddef.h>
#include <stdint.h>

enum {
	NAME_MOST = 255,
	NAME_SAME = 100, /* numbers searched for an existing file */
	NAME_NUMBERS = 10000 /* numbers tried for a new file */
};

/* Is this path valid?  It must be relative, with single slashes between names
 * of 1 to NAME_MOST bytes, none of them `.` or `..` or with a NUL; with name
 * set only one name.  1 or 0. */
int
name_good(const char *path, size_t len, int name);

/* Make a name safe for disk: C0 and C1 controls, DEL, and characters that
 * reorder or break lines become `_`. */
void
name_safe(char out[static NAME_MOST + 1], const char *name, size_t len);

/* The nth name to try: 1 is the name itself, then `name (2).ext`.  Folders have
 * no .ext.  Cut to fit. */
void
name_number(
    char out[static NAME_MOST + 1], const char *name, unsigned n, int folder);

/* The name of a partial file: `.NAME.HASH.chat-part`, the HASH of name,
 * announced size and the peer's key, so that no other peer has the same. */
void
name_part(char out[static NAME_MOST + 1], const char *name, uint64_t size,
    const char *key);

/* 1 if it is such a name, else 0. */
int
name_is_part(const char *name, size_t len);

/* May the link at this path, below the folder that was sent, have this target?
 * The target must be relative and stay in that folder; `..` only at its
 * beginning, since a part before it might itself be a link.  1 or 0. */
int
name_link(const char *path, size_t len, const char *target, size_t n);

#endif
