/* stream: bytes to stream records and back, for a session.
 * SPDX-License-Identifier: ISC */
#ifndef STREAM_H
#define STREAM_H

#include "base/fault.h"
#include "session/quiet.h"
#include "wire/record.h"

/* Seal whatever each read of in gives, at once, until its end, and then the
 * end.  0 when all is written, or -1 and a fault.  Where in gave nothing, and out
 * is a socket that nobody has any longer, the end need not be written. */
int
stream_seal(struct record *r, int in, int out, struct fault *f);

enum {
	/* A session that stopped before its end, as if a wire had been cut. */
	STREAM_CUT = -2,
	/* The peer did not say its end after ours (quiet.h). */
	STREAM_UNENDED = -3
};

/* Open records from in and write to out what is verified, until the
 * authenticated end.  0 then; -1, STREAM_CUT or STREAM_UNENDED and a fault (X_PEER:
 * cut, changed or without an end; X_TIME: the other machine is gone, or the peer
 * silent) after all before it has been written.  Bytes that follow the end are
 * ignored.  When the reader of out has gone, SIGPIPE is raised.  To a terminal
 * only text is written; else X_USE. */
int
stream_open(
    struct record *r, int in, int out, struct quiet *peer, struct fault *f);

#endif
