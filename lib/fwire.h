/* fwire: the messages between chat-file put and chat-file get (chat-wire(5),
 * FILES).
 * SPDX-License-Identifier: ISC */
#ifndef FWIRE_H
#define FWIRE_H

#include <stddef.h>
#include <stdint.h>

#include "hash.h"

enum {
	FWIRE_HEAD = 5, /* type 1, length of the body 4 */
	FWIRE_BODY = 8600, /* most bytes in the body of any message but data */
	FWIRE_DATA = 1 << 20, /* most bytes of a file in one message */
	FWIRE_PATH = 4095, /* most bytes of a path, or of a link's target */
	FWIRE_TEXT = 480, /* most bytes of a sentence */
	FWIRE_ITEMS = 65536, /* most files and folders in one offer */
	FWIRE_ASKED = 1024, /* most questions without an answer */
	FWIRE_KEPT = 8 /* most lengths in an answer */
};
#define FWIRE_HELLO "chat-file 1" /* the version is the number */

enum fwire_type {
	/* both ways */
	FWIRE_OPEN = 'F', /* kind: p or g; rest: FWIRE_HELLO */
	FWIRE_BROKEN = 'B', /* kind: exit code; rest: a sentence; the end */
	/* put to get */
	FWIRE_ITEM = 'I', /* kind, size, count of files, name (rest) */
	FWIRE_LAST = 'O', /* the offer is complete */
	FWIRE_ASK = 'Q', /* item, size, path: what is there of this file? */
	FWIRE_FILE = 'N', /* item, mode, time, size, offset (count), path */
	FWIRE_BYTES = 'D', /* bytes of the file: raw, not in the body */
	FWIRE_HOLE = 'Z', /* size: that many zeros of it */
	FWIRE_CLOSE = 'C', /* kind: 0 whole, 1 it changed: throw it away */
	FWIRE_SAME = 'W', /* item, size, path: is there already, whole */
	FWIRE_ENTER = 'M', /* item, path: a folder */
	FWIRE_LEAVE = 'E', /* item, mode, time, path: its content is complete */
	FWIRE_LINK = 'L', /* item, time, path, target (rest) */
	FWIRE_DONE = 'X', /* size: entries that could not be sent */
	/* get to put */
	FWIRE_TAKE = 'A', /* rest: a bit an item, from the lowest: it is new */
	FWIRE_HAVE = 'H', /* kind: 1 if the first is a part; rest: up to
	                   * FWIRE_KEPT lengths of 8 bytes */
	FWIRE_SUM =
	    'S', /* rest: BLAKE2b-256 of that many bytes; one a length */
	FWIRE_LOST =
	    'P', /* kind: 0 a word only, 1 it is not kept; rest: text */
	FWIRE_KEEP = 'K' /* size: files kept; count: entries not kept */
};

enum { FWIRE_PLAIN = 'f', FWIRE_FOLDER = 'd', FWIRE_ATLEAST = 'D' };

struct fwire {
	uint8_t type;
	uint64_t kind;
	uint64_t mode; /* at most 0777 */
	uint64_t item; /* index in the offer */
	int64_t sec; /* time of modification, since 1970 */
	uint64_t nsec;
	uint64_t size, count;
	const char *path, *rest; /* not NUL-terminated */
	size_t path_len, rest_len;
};

/* Write m as a message; for FWIRE_BYTES only the head, the length being size.
 * Returns its length, at most FWIRE_HEAD + FWIRE_BODY. */
size_t
fwire_put(uint8_t *out, const struct fwire *m);

/* The length of the body that follows a head, or -1: no such type, or longer
 * than that type may be. */
int32_t
fwire_body(const uint8_t head[static FWIRE_HEAD]);

/* Read head and body (n bytes, from fwire_body; none for FWIRE_BYTES) into m,
 * which points into body.  0, or -1 where a rule is broken.  Paths and names
 * are the caller's to judge (fname.h). */
int
fwire_get(struct fwire *m, const uint8_t head[static FWIRE_HEAD],
    const uint8_t *body, size_t n);

#endif
