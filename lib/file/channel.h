/* channel: messages (wire/filemsg.h) and bytes of files over two descriptors.
 * SPDX-License-Identifier: ISC */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fault.h"
#include "term/progress.h"
#include "wire/filemsg.h"

enum { CHANNEL_LONG = 10000, CHANNEL_SHORT = 300 }; /* ms, channel_part */

/* The side that puts may block while it writes.  The side that gets (patient)
 * never does: it always reads on, so that neither blocks the other.  Its answers
 * wait in a buffer that holds those to FILEMSG_ASKED questions. */
struct channel;

/* SIGPIPE must be ignored.  peer: its name, for sentences.  While it waits
 * prog is told; out should be O_NONBLOCK for that.  NULL and errno. */
struct channel *
channel_new(
    int in, int out, int patient, const char *peer, struct progress *prog);

void
channel_free(struct channel *c);

const char *
channel_peer(const struct channel *c);

/* From now on what arrives is kept; a sentence about a broken session says how to
 * go on. */
void
channel_keeps(struct channel *c);

/* -1, and the fault that the peer has broken the rules. */
int
channel_malformed(const struct channel *c, struct fault *f);

/* Send m.  Puts it into the buffer; a full one is written out.  0, or -1 and a
 * fault: the session is over, or (patient) the peer asks without reading. */
int
channel_put(struct channel *c, const struct filemsg *m, struct fault *f);

/* Send a sentence, cut where it is too long. */
int
channel_text(struct channel *c, uint8_t type, int kind, const char *text,
    struct fault *f);

/* Send n bytes of fd, from at on, by way of the kernel where it can.  Returns
 * how many there were; where fd ends before (errno 0) or cannot be read (errno)
 * zeros follow up to n.  -1 and a fault when the session is over. */
ssize_t
channel_send(struct channel *c, int fd, off_t at, size_t n, struct fault *f);

/* Write out all that waits, blocking. */
int
channel_flush(struct channel *c, struct fault *f);

/* Write out what can be written without waiting (patient only). */
void
channel_some(struct channel *c);

/* Do answers fill so much of the buffer that a mere sentence should not? */
int
channel_crowded(const struct channel *c);

/* Has all that was put been written out?  1 or 0. */
int
channel_written(const struct channel *c);

/* The next message; m is good until the next call.  0, or -1 and a fault: the
 * end, or malformed (X_PEER), or a FILEMSG_BROKEN, whose sentence and code (X_SYS,
 * else X_PEER) it is.  The bytes of a FILEMSG_DATA must all be taken next. */
int
channel_get(struct channel *c, struct filemsg *m, struct fault *f);

/* The same, but the peer's problems are said and passed over. */
int
channel_hear(struct channel *c, struct filemsg *m, struct fault *f);

/* Bring some of the bytes of that FILEMSG_DATA into fd at its position, or
 * nowhere if fd is -1.  Returns how many, 0 when no more are left; -1 and a fault
 * when the stream ends; -2 and errno when fd cannot be written: bytes may be lost
 * then, but the place in the stream is not. */
ssize_t
channel_take(struct channel *c, int fd, struct fault *f);

/* Is all of the next message here?  1 or 0. */
int
channel_here(const struct channel *c);

/* Is there something to read, waiting up to ms?  1 or 0. */
int
channel_ready(struct channel *c, int ms);

/* Read what is there without waiting.  0, or -1 and a fault: the end, or a
 * FILEMSG_BROKEN somewhere among it. */
int
channel_heed(struct channel *c, struct fault *f);

/* The BLAKE2b-256 of the first n bytes of fd, the peer being heeded now and
 * then.  1; 0 where fd has fewer: it is that of those; -1 and a fault. */
int
channel_sum(struct channel *c, int fd, uint64_t n,
    uint8_t out[static HASH_BYTES], struct fault *f);

/* Say which side this is: p or g. */
int
channel_hello(struct channel *c, uint8_t kind, struct fault *f);

/* Hear which the other side is: a fault if it is not that one. */
int
channel_met(struct channel *c, uint8_t kind, struct fault *f);

/* All has been said: write out what waits, close out, and read until the other
 * side does the same, for ms at most; word: for CHANNEL_SHORT once it has said
 * something.  So neither closes a connection that still carries the other's
 * last words, and neither waits long where a third holds a pipe open. */
void
channel_part(struct channel *c, int ms, int word);

/* The session has failed for f (the side that puts).  Where writing failed, the
 * peer's reason may be on its way: it takes the place of f. */
void
channel_fail(struct channel *c, struct fault *f);

#endif
