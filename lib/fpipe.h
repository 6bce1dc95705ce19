/* fpipe: messages of fwire.h over two descriptors, and what is between them.
 * SPDX-License-Identifier: ISC */
#ifndef FPIPE_H
#define FPIPE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fault.h"
#include "fwire.h"

/* The side that puts may block while it writes; the side that gets never does,
 * so that it always reads on and neither can block the other.  Its answers wait
 * in a buffer that holds those to FWIRE_ASKED questions. */
struct fpipe {
	int in, out;
	int patient; /* the side that gets */
	int dead; /* out is closed; in may still have something */
	int heard; /* a FWIRE_BROKEN came */
	int splice; /* still worth trying */
	uint8_t *ibuf, *obuf;
	size_t at, end; /* of what is in ibuf */
	size_t held; /* in obuf */
	size_t raw; /* bytes of FWIRE_BYTES still to be taken */
	int bulk; /* the last of them came by splice: more will */
	const char *peer; /* for sentences */
};

enum {
	FPIPE_ROOM = 512 << 10, /* of each buffer */
	FPIPE_FILL = 256 << 10, /* when what waits is written */
	FPIPE_LONG = 10000, /* milliseconds, see fpipe_part */
	FPIPE_SHORT = 300
};

/* -1 and a fault when there is no memory.  SIGPIPE must be ignored. */
int
fpipe_start(struct fpipe *p, int in, int out, int patient, struct fault *f);

/* Send m.  Puts it into the buffer; a full one is written out.  0, or -1 and a
 * fault: the session is over, or (patient) the peer asks without reading. */
int
fpipe_put(struct fpipe *p, const struct fwire *m, struct fault *f);

/* A place for up to n <= FPIPE_FILL bytes that fpipe_added makes part of the
 * stream; NULL and a fault. */
uint8_t *
fpipe_place(struct fpipe *p, size_t n, struct fault *f);
void
fpipe_added(struct fpipe *p, size_t n);

/* Write out all that waits, blocking. */
int
fpipe_flush(struct fpipe *p, struct fault *f);

/* Write out what can be written without waiting (patient only). */
void
fpipe_some(struct fpipe *p);

/* Send n bytes of fd from *at on, by way of the kernel where it can, and move
 * *at.  Returns how many there were: fewer if fd ends; -1 and a fault when the
 * session is over; -2 and errno when fd cannot be read. */
ssize_t
fpipe_send(struct fpipe *p, int fd, off_t *at, size_t n, struct fault *f);

/* n zeros, for bytes that were promised and are not there. */
int
fpipe_zeros(struct fpipe *p, size_t n, struct fault *f);

/* The type of the next message, if all of it is here; else 0. */
uint8_t
fpipe_peek(const struct fpipe *p);

/* Read what is there without waiting.  0, or -1 and a fault: the end, or a
 * FWIRE_BROKEN somewhere among it. */
int
fpipe_heed(struct fpipe *p, struct fault *f);

/* Is there something to read, waiting up to ms (-1: for ever)?  1 or 0. */
int
fpipe_ready(struct fpipe *p, int ms);

/* The next message; m is good until the next call.  1; 0 at the end of the
 * stream; -1 and a fault: cut in the middle, or malformed (X_PEER), or a
 * FWIRE_BROKEN, whose sentence and code (X_SYS, else X_PEER) it is.  A message
 * FWIRE_BYTES leaves p->raw bytes for fpipe_take. */
int
fpipe_get(struct fpipe *p, struct fwire *m, struct fault *f);

/* Bring some of the p->raw bytes into fd at its position, or nowhere if fd is
 * -1.  Returns how many; -1 and a fault when the stream ends; -2 and errno when
 * fd cannot be written: bytes may be lost then, but the place in the stream is
 * not. */
ssize_t
fpipe_take(struct fpipe *p, int fd, struct fault *f);

/* All has been said: write out what waits, close out, and read until the other
 * side does the same, for ms at most; word: for FPIPE_SHORT once it has said
 * something.  So neither closes a connection that still carries the other's
 * last words, and nobody waits long where a third holds a pipe open. */
void
fpipe_part(struct fpipe *p, int ms, int word);

/* Has the other end gone, with nothing left to read?  1 or 0. */
int
fpipe_gone(const struct fpipe *p);

#endif
