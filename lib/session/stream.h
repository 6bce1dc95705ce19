/* stream: seal bytes into stream records and open them, for a session.
 * SPDX-License-Identifier: ISC */
#ifndef STREAM_H
#define STREAM_H

#include "base/fault.h"
#include "session/quiet.h"
#include "wire/record.h"

/* Seal at once what each read of in gives, until its end, and then the end
 * record. 0 when all is written, or -1 and a fault.  The end record may be lost
 * if in was empty and out is a socket whose peer has gone. */
int
stream_seal(struct record *r, int in, int out, struct fault *f);

enum {
	/* The session stopped before its end, as if the line was cut. */
	STREAM_CUT = -2,
	/* The peer sent no end after ours (quiet.h). */
	STREAM_UNENDED = -3
};

/* Open records from in and write verified data to out, until the authenticated
 * end.  0; or -1, STREAM_CUT or STREAM_UNENDED and a fault (X_PEER: cut,
 * changed or without an end; X_TIME: the other machine is lost, or the peer
 * silent), when all before it has been written.  Bytes after the end are
 * ignored.  If the reader of out has gone, SIGPIPE is raised.  A terminal gets
 * only text, else X_USE. */
int
stream_open(
    struct record *r, int in, int out, struct quiet *peer, struct fault *f);

#endif
