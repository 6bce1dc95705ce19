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
	FILEMSG_ASKED = 1024 /* most unanswered questions */
};
#define FILEMSG_HELLO "chat-file 2" /* the version is the number */

/* A letter a message: the first of its name, but for exit. */
enum filemsg_type {
	/* both ways */
	FILEMSG_FIRST = 'F', /* kind: p or g; rest: FILEMSG_HELLO */
	FILEMSG_BROKEN = 'B', /* kind: exit code; rest: a sentence; ends all */
	/* put to get */
	FILEMSG_ITEM = 'I', /* kind, size, count (files), entries, rest: name */
	FILEMSG_OFFERED = 'O', /* all items have been named */
	FILEMSG_MAKE = 'M', /* item, path: a folder */
	FILEMSG_END = 'E', /* item, mode, time, path: a folder's end */
	FILEMSG_LINK = 'L', /* item, time, path, rest: target */
	FILEMSG_QUESTION = 'Q', /* item, size, path, rest: sum; is it there? */
	FILEMSG_WHOLE = 'W', /* item, size, path: this file is there, whole */
	FILEMSG_NEW = 'N', /* item, mode, time, size, count (offset), path */
	FILEMSG_DATA = 'D', /* size: bytes of the file, which follow the head */
	FILEMSG_ZEROS = 'Z', /* size: zeros of the file, a hole */
	FILEMSG_CLOSE = 'C', /* kind: 0 whole, 1 changed meanwhile: discard */
	FILEMSG_EXIT = 'X', /* size: entries that could not be sent */
	/* get to put */
	FILEMSG_ACCEPT = 'A', /* rest: a bit an item, lowest first: wanted */
	FILEMSG_HAVE = 'H', /* kind: FILEMSG_NONE ...; size: of the part */
	FILEMSG_SUM = 'S', /* rest: BLAKE2b-256 of the part */
	FILEMSG_PROBLEM = 'P', /* kind: 1 an entry not kept, 0; rest: text */
	FILEMSG_KEPT = 'K' /* size: files kept; count: entries not kept */
};

/* The part of a file that get has: nothing; all of it; a part of it from the same
 * peer. */
enum { FILEMSG_NONE, FILEMSG_THERE, FILEMSG_PART };

enum { FILEMSG_PLAIN = 'f', FILEMSG_FOLDER = 'd', FILEMSG_ATLEAST = 'D' };

struct filemsg {
	uint8_t type;
	uint64_t kind;
	uint64_t mode; /* at most 0777 */
	uint64_t item; /* index in the offer, from 0 */
	int64_t sec; /* time of modification, since 1970 */
	uint64_t nsec;
	uint64_t size, count;
	uint64_t entries; /* folders below, and links */
	const char *path, *rest; /* not NUL-terminated */
	size_t path_len, rest_len;
};

/* Write m as a message; of FILEMSG_DATA only the head, with size as its length.
 * Returns its length, at most FILEMSG_HEAD + FILEMSG_BODY. */
size_t
filemsg_put(uint8_t *out, const struct filemsg *m);

/* The length of the body after this head, 0 for FILEMSG_DATA; -1: unknown type,
 * or too long for it. */
int32_t
filemsg_body(const uint8_t head[static FILEMSG_HEAD]);

/* Read head and body (n bytes, from filemsg_body; none for FILEMSG_DATA) into
 * m, which then points into body.  0, or -1 if malformed.  Paths and names are
 * not checked here (file/name.h). */
int
filemsg_get(struct filemsg *m, const uint8_t head[static FILEMSG_HEAD],
    const uint8_t *body, size_t n);

#endif
