/* stream: bytes to stream records and back, for a session.
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

/* A session that stopped before its end, as if a wire had been cut. */
enum { STREAM_CUT = -2 };

/* Open records from in and write to out what is verified, until the
 * authenticated end.  0 then; -1 or STREAM_CUT and a fault (X_PEER: cut or
 * changed; X_TIME: the other machine is gone) after all before it has been
 * written.  Bytes that follow the end are ignored.  When the reader of out has
 * gone, SIGPIPE is raised.  To a terminal only text is written; else X_USE.
 * who: the peer's name, for the sentences. */
int
stream_open(
    struct record *r, int in, int out, const char *who, struct fault *f);

#endif
