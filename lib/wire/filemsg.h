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
	FILEMSG_PIECE = 1 << 20, /* most bytes of a file in one message */
	FILEMSG_PATH = 4095, /* most bytes of a path, or of a link's target */
	FILEMSG_TEXT = 480, /* most bytes of a sentence */
	FILEMSG_ITEMS = 65536, /* most files and folders in one offer */
	FILEMSG_ASKED = 1024 /* most questions without an answer */
};
#define FILEMSG_HELLO "chat-file 2" /* the version is the number */

/* A letter a message: the first of its name, but for exit. */
enum filemsg_type {
	/* both ways */
	FILEMSG_FIRST = 'F', /* kind: p or g; rest: FILEMSG_HELLO */
	FILEMSG_BROKEN = 'B', /* kind: exit code; rest: a sentence; no more */
	/* put to get */
	FILEMSG_ITEM = 'I', /* kind, size, count (files), entries, rest: name */
	FILEMSG_OFFERED = 'O', /* all items have been named */
	FILEMSG_MAKE = 'M', /* item, path: a folder */
	FILEMSG_END = 'E', /* item, mode, time, path: of that folder */
	FILEMSG_LINK = 'L', /* item, time, path, rest: target */
	FILEMSG_QUESTION = 'Q', /* item, size, path, rest: sum; is it there? */
	FILEMSG_WHOLE = 'W', /* item, size, path: this file is there, whole */
	FILEMSG_NEW = 'N', /* item, mode, time, size, count (offset), path */
	FILEMSG_DATA = 'D', /* size: bytes of the file, which follow the head */
	FILEMSG_ZEROS = 'Z', /* size: zeros of the file, a hole */
	FILEMSG_CLOSE = 'C', /* kind: 0 whole, 1 it changed: throw it away */
	FILEMSG_EXIT = 'X', /* size: entries that could not be sent */
	/* get to put */
	FILEMSG_ACCEPT = 'A', /* rest: a bit an item, from the lowest: is new */
	FILEMSG_HAVE = 'H', /* kind: FILEMSG_NONE ...; size: of the part */
	FILEMSG_SUM = 'S', /* rest: BLAKE2b-256 of the part */
	FILEMSG_PROBLEM = 'P', /* kind: 1 an entry is not kept, 0; rest: text */
	FILEMSG_KEPT = 'K' /* size: files kept; count: entries not kept */
};

/* What there is of a file: not a byte; all of it; a part, which the same peer
 * began. */
enum { FILEMSG_NONE, FILEMSG_THERE, FILEMSG_PART };

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

/* Write m as a message; for FILEMSG_DATA only the head, the length being size.
 * Returns its length, at most FILEMSG_HEAD + FILEMSG_BODY. */
size_t
filemsg_put(uint8_t *out, const struct filemsg *m);

/* The length of the body that follows a head, or -1: no such type, or longer
 * than that type may be. */
int32_t
filemsg_body(const uint8_t head[static FILEMSG_HEAD]);

/* Read head and body (n bytes, from filemsg_body; none for FILEMSG_DATA) into m,
 * which points into body.  0, or -1 where a rule is broken.  Paths and names
 * are the caller's to judge (file/name.h). */
int
filemsg_get(struct filemsg *m, const uint8_t head[static FILEMSG_HEAD],
    const uint8_t *body, size_t n);

#endif
