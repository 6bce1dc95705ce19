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

enum {
	/* A session that stopped before its end, as if a wire had been cut. */
	STREAM_CUT = -2,
	/* The peer did not say its end after ours. */
	STREAM_UNENDED = -3
};

/* Whom a session is with, and how it waits. */
struct stream_session {
	const char *name; /* for the sentences */
	/* Wait until in can be read, while `part` bytes of a record are here;
	 * opened: some records were, since it was called last.  0; or -1 or
	 * STREAM_UNENDED and a fault.  When out breaks or is closed first,
	 * SIGPIPE is raised. */
	int (*wait)(void *arg, int in, int out, size_t part, int opened,
	    struct fault *f);
	void *arg;
};

/* Open records from in and write to out what is verified, until the
 * authenticated end.  0 then; -1, STREAM_CUT or what wait returned, and a fault
 * (X_PEER: cut or changed), after all before it has been written.  When nobody
 * reads out any more, SIGPIPE is raised.  To a terminal only text is written;
 * else X_USE.  What follows the end of a session is ignored.  session: NULL for a
 * sealed file, after which nothing may follow. */
int
stream_open(struct record *r, int in, int out,
    const struct stream_session *session, struct fault *f);

#endif
