/* filemsg: the messages between chat-file put and chat-file get (chat-wire(5),
 * FILES).
 * SPDX-License-Identifier: ISC */
#ifndef FILEMSG_H
#define FILEMSG_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/hash.h"

enum {
	FILEMSG_HEAD = 5, /* type 1, length of the body 4 */
	FILEMSG_BODY =
	    8600, /* most bytes in the body of any message but data */
	FILEMSG_DATA = 1 << 20, /* most bytes of a file in one message */
	FILEMSG_PATH = 4095, /* most bytes of a path, or of a link's target */
	FILEMSG_TEXT = 480, /* most bytes of a sentence */
	FILEMSG_ITEMS = 65536, /* most files and folders in one offer */
	FILEMSG_ASKED = 1024 /* most questions without an answer */
};
#define FILEMSG_HELLO "chat-file 2" /* the version is the number */

enum filemsg_type {
	/* both ways */
	FILEMSG_OPEN = 'F', /* kind: p or g; rest: FILEMSG_HELLO */
	FILEMSG_BROKEN = 'B', /* kind: exit code; rest: a sentence; the end */
	/* put to get */
	FILEMSG_ITEM =
	    'I', /* kind, size, count of files, entries, name (rest) */
	FILEMSG_LAST = 'O', /* the offer is complete */
	FILEMSG_ASK =
	    'Q', /* item, size, path, BLAKE2b-256 (rest): is this file there? */
	FILEMSG_FILE = 'N', /* item, mode, time, size, offset (count), path */
	FILEMSG_BYTES = 'D', /* bytes of the file: raw, not in the body */
	FILEMSG_HOLE = 'Z', /* size: that many zeros of it */
	FILEMSG_CLOSE = 'C', /* kind: 0 whole, 1 it changed: throw it away */
	FILEMSG_SAME = 'W', /* item, size, path: is there already, whole */
	FILEMSG_ENTER = 'M', /* item, path: a folder */
	FILEMSG_LEAVE =
	    'E', /* item, mode, time, path: its content is complete */
	FILEMSG_LINK = 'L', /* item, time, path, target (rest) */
	FILEMSG_DONE = 'X', /* size: entries that could not be sent */
	/* get to put */
	FILEMSG_TAKE =
	    'A', /* rest: a bit an item, from the lowest: it is new */
	FILEMSG_HAVE = 'H', /* kind: 0 nothing of it, 1 the file, 2 a part that
	                   * the same peer began; size: of the part */
	FILEMSG_SUM = 'S', /* rest: BLAKE2b-256 of the part */
	FILEMSG_LOST =
	    'P', /* kind: 0 a word only, 1 it is not kept; rest: text */
	FILEMSG_KEEP = 'K' /* size: files kept; count: entries not kept */
};

/* What there is of a file. */
enum { FILEMSG_NONE, FILEMSG_SAMEFILE, FILEMSG_PART };

enum { FILEMSG_PLAIN = 'f', FILEMSG_FOLDER = 'd', FILEMSG_ATLEAST = 'D' };

struct filemsg {
	uint8_t type;
	uint64_t kind;
	uint64_t mode; /* at most 0777 */
	uint64_t item; /* index in the offer */
	int64_t sec; /* time of modification, since 1970 */
	uint64_t nsec;
	uint64_t size, count;
	uint64_t entries; /* folders below, and links */
	const char *path, *rest; /* not NUL-terminated */
	size_t path_len, rest_len;
};

/* Write m as a message; for FILEMSG_BYTES only the head, the length being size.
 * Returns its length, at most FILEMSG_HEAD + FILEMSG_BODY. */
size_t
filemsg_put(uint8_t *out, const struct filemsg *m);

/* The length of the body that follows a head, or -1: no such type, or longer
 * than that type may be. */
int32_t
filemsg_body(const uint8_t head[static FILEMSG_HEAD]);

/* Read head and body (n bytes, from filemsg_body; none for FILEMSG_BYTES) into m,
 * which points into body.  0, or -1 where a rule is broken.  Paths and names
 * are the caller's to judge (fname.h). */
int
filemsg_get(struct filemsg *m, const uint8_t head[static FILEMSG_HEAD],
    const uint8_t *body, size_t n);

#endif
