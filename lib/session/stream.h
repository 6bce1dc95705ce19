/* stream: bytes to stream records and back, for a session and for a sealed
 * file.
 * SPDX-License-Identifier: ISC */
#ifndef STREAM_H
#define STREAM_H

#include "base/fault.h"
#include "wire/record.h"

/* Seal whatever each read of in gives, at once, until its end, and then the
 * end.  0 when all is written, or -1 and a fault.  Where in gave nothing, and out
 * is a socket that nobody has any longer, the end need not be written. */
int
stream_seal(struct record *r, int in, int out, struct fault *f);

enum stream_kind {
	STREAM_SESSION, /* what follows the end is not looked at */
	STREAM_FILE /* something after the end is a fault */
};

enum {
	/* A session that stopped before its end, as if a wire had been cut. */
	STREAM_CUT = -2,
	/* The peer did not say its end after ours (stream_peer). */
	STREAM_UNENDED = -3
};

/* Whom a session is with, and how long that may say nothing. */
struct stream_peer {
	const char *name; /* for the sentences */
	/* What our sealer holds open until our end is delivered; 3 s without a
	 * record after that are STREAM_UNENDED.  -1: they may last. */
	int sealer;
	int64_t silence; /* ms without a record, and without anything of ours
	                  * taken, that are X_TIME; 0: they may last */
};

/* Open records from in and write to out what is verified, until the
 * authenticated end.  0 then; -1, STREAM_CUT or STREAM_UNENDED and a fault
 * (X_PEER: cut, changed or without its end; X_TIME: the other machine is gone, or
 * the peer silent) after all before it has been written.  Time in which nobody
 * takes what is written does not count.  When nobody reads out any more, SIGPIPE
 * is raised.  To a terminal only text is written; else X_USE.  peer: NULL for a
 * sealed file. */
int
stream_open(struct record *r, enum stream_kind kind, int in, int out,
    const struct stream_peer *peer, struct fault *f);

#endif
