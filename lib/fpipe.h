/* fpipe: messages of fwire.h over two descriptors.
 * SPDX-License-Identifier: ISC */
#ifndef FPIPE_H
#define FPIPE_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "fwire.h"

enum {
	FPIPE_ROOM = 512 << 10, /* of each buffer */
	FPIPE_FILL = 256 << 10, /* when what waits is written */
	FPIPE_LONG = 10000, /* milliseconds, see fpipe_part */
	FPIPE_SHORT = 300
};

/* The side that puts may block while it writes; the side that gets never does,
 * so that it always reads on and neither can block the other.  Its answers wait
 * in a buffer that holds those to FWIRE_ASKED questions.  Begin with zeros. */
struct fpipe {
	int in, out;
	int patient; /* the side that gets */
	const char *peer; /* for sentences */
	int keeps; /* so is this: what has arrived is kept */
	int dead; /* errno of out; in may still have something */
	int heard; /* a FWIRE_BROKEN came */
	int splice; /* still worth trying */
	size_t at, end; /* of what is in ibuf */
	size_t held; /* in obuf */
	size_t raw; /* bytes of FWIRE_BYTES still to be taken */
	int bulk; /* the last of them came by splice: more will */
	uint8_t ibuf[FPIPE_ROOM], obuf[FPIPE_ROOM];
};

/* SIGPIPE must be ignored. */
void
fpipe_start(struct fpipe *p, int in, int out, int patient, const char *peer);

/* -1, and the fault that the other side has broken the rules. */
int
fpipe_malformed(const struct fpipe *p, struct fault *f);

/* -1, and the fault that the session is over: by errno err, or 0 at its end. */
int
fpipe_lost(const struct fpipe *p, int err, struct fault *f);

/* Send m.  Puts it into the buffer; a full one is written out.  0, or -1 and a
 * fault: the session is over, or (patient) the peer asks without reading. */
int
fpipe_put(struct fpipe *p, const struct fwire *m, struct fault *f);

/* A place for up to n <= FPIPE_FILL bytes behind those that are held; NULL and a
 * fault. */
uint8_t *
fpipe_room(struct fpipe *p, size_t n, struct fault *f);

/* Write out all that waits, blocking. */
int
fpipe_flush(struct fpipe *p, struct fault *f);

/* Write out what can be written without waiting (patient only). */
void
fpipe_some(struct fpipe *p);

/* Before a read that may block: write out what waits until there is something to
 * read. */
void
fpipe_turn(struct fpipe *p);

/* Read up to most bytes behind those in ibuf.  0, or -1 and a fault, as at the
 * end. */
int
fpipe_fill(struct fpipe *p, size_t most, struct fault *f);

/* Is all of the next message here?  1 or 0. */
int
fpipe_here(const struct fpipe *p);

/* The next message; m is good until the next call.  0, or -1 and a fault: the
 * end, or malformed (X_PEER), or a FWIRE_BROKEN, whose sentence and code (X_SYS,
 * else X_PEER) it is.  A message FWIRE_BYTES leaves p->raw bytes to be taken. */
int
fpipe_get(struct fpipe *p, struct fwire *m, struct fault *f);

/* Read what is there without waiting.  0, or -1 and a fault: the end, or a
 * FWIRE_BROKEN somewhere among it. */
int
fpipe_heed(struct fpipe *p, struct fault *f);

/* Is there something to read, waiting up to ms?  1 or 0. */
int
fpipe_ready(struct fpipe *p, int ms);

/* Say which side this is: p or g. */
int
fpipe_hello(struct fpipe *p, uint8_t kind, struct fault *f);

/* Hear which the other side is: a fault if it is not that one. */
int
fpipe_met(struct fpipe *p, uint8_t kind, struct fault *f);

/* All has been said: write out what waits, close out, and read until the other
 * side does the same, for ms at most; word: for FPIPE_SHORT once it has said
 * something.  So neither closes a connection that still carries the other's
 * last words, and nobody waits long where a third holds a pipe open. */
void
fpipe_part(struct fpipe *p, int ms, int word);

#endif
