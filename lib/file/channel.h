/* channel: file messages (wire/filemsg.h) and file contents over two
 * descriptors.
 * SPDX-License-Identifier: ISC */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fault.h"
#include "term/progress.h"
#include "wire/filemsg.h"

enum { CHANNEL_LONG = 10000, CHANNEL_SHORT = 300 }; /* ms, for channel_part */

/* The side that puts may block while it writes.  The side that gets (patient)
 * never does, so that they cannot block each other: it reads on, and its
 * answers wait in a buffer with room for those to FILEMSG_ASKED questions. */
struct channel;

/* SIGPIPE must be ignored.  peer: its name, for messages.  prog is called while
 * it waits; out should be O_NONBLOCK for that.  NULL and errno. */
struct channel *
channel_new(
    int in, int out, int patient, const char *peer, struct progress *prog);

void
channel_free(struct channel *c);

const char *
channel_peer(const struct channel *c);

/* From now on partial files are kept, and the message for a broken session says
 * how to resume. */
void
channel_keeps(struct channel *c);

/* Set the fault that the peer broke a rule.  -1. */
int
channel_malformed(const struct channel *c, struct fault *f);

/* Put m into the buffer, and write a full buffer.  0, or -1 and a fault: the
 * session is over, or (patient) the peer asks without reading answers. */
int
channel_put(struct channel *c, const struct filemsg *m, struct fault *f);

/* Send a sentence, cut to its limit; a FILEMSG_PROBLEM is dropped while many
 * answers wait. */
int
channel_text(struct channel *c, uint8_t type, int kind, const char *text,
    struct fault *f);

/* Send n bytes of fd, from at on, spliced if possible.  Returns how many there
 * were; if fd ends early (errno 0) or cannot be read (errno), zeros fill up to
 * n.  -1 and a fault if the session is over. */
ssize_t
channel_send(struct channel *c, int fd, off_t at, size_t n, struct fault *f);

/* Write all that waits, blocking. */
int
channel_flush(struct channel *c, struct fault *f);

/* Write what can be written without blocking (patient only). */
void
channel_some(struct channel *c);

/* The next message; m is valid until the next call.  0; or -1 and a fault: the
 * end, malformed (X_PEER), or a FILEMSG_BROKEN, as its code and sentence
 * (X_SYS, else X_PEER).  After FILEMSG_DATA all its bytes must be taken
 * next. */
int
channel_get(struct channel *c, struct filemsg *m, struct fault *f);

/* As above, but the peer's problems are printed and skipped. */
int
channel_hear(struct channel *c, struct filemsg *m, struct fault *f);

/* Write some of the bytes of that FILEMSG_DATA to fd at its position, or
 * discard them if fd is -1.  Returns how many, 0 when none are left; -1 and a
 * fault if the stream ends; -2 and errno if fd cannot be written: bytes may be
 * lost then, but the stream stays in step. */
ssize_t
channel_take(struct channel *c, int fd, struct fault *f);

/* 1 if the whole next message is here, else 0. */
int
channel_here(const struct channel *c);

/* 1 if n more bytes are here, else 0. */
int
channel_holds(const struct channel *c, uint64_t n);

/* Wait up to ms for input.  1 or 0. */
int
channel_ready(struct channel *c, int ms);

/* Read the input there is, without waiting.  0, or -1 and a fault: the end, or
 * a FILEMSG_BROKEN in it. */
int
channel_heed(struct channel *c, struct fault *f);

/* The BLAKE2b-256 of the first n bytes of fd; now and then it checks for words
 * of the peer.  1; 0 if fd has fewer, and it is the hash of those; -1 and a
 * fault. */
int
channel_sum(struct channel *c, int fd, uint64_t n,
    uint8_t out[static HASH_BYTES], struct fault *f);

/* Tell the peer which side this is: p or g. */
int
channel_hello(struct channel *c, uint8_t kind, struct fault *f);

/* Read which side the peer is: a fault if it is the wrong one. */
int
channel_met(struct channel *c, uint8_t kind, struct fault *f);

/* The session is complete: write what waits, close out, and read until the peer
 * does the same, for at most ms; word: only for CHANNEL_SHORT once it has sent
 * anything.  So the connection stays open for the peer's last message, yet a
 * third process with the pipe open cannot delay us for long.  1 if all was
 * written, else 0. */
int
channel_part(struct channel *c, int ms, int word);

/* The session failed with f (the side that puts).  If that was a failed write,
 * wait for the peer's reason, which then replaces f. */
void
channel_fail(struct channel *c, struct fault *f);

#endif
