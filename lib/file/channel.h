/* channel: messages of fwire.h over two descriptors.
 * SPDX-License-Identifier: ISC */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "wire/filemsg.h"

enum {
	CHANNEL_ROOM = 512 << 10, /* of each buffer */
	CHANNEL_FILL = 256 << 10, /* when what waits is written */
	CHANNEL_LONG = 10000, /* milliseconds, see channel_part */
	CHANNEL_SHORT = 300
};

/* The side that puts may block while it writes; the side that gets never does,
 * so that it always reads on and neither can block the other.  Its answers wait
 * in a buffer that holds those to FILEMSG_ASKED questions.  Begin with zeros. */
struct channel {
	int in, out;
	int patient; /* the side that gets */
	const char *peer; /* for sentences */
	int keeps; /* so is this: what has arrived is kept */
	int dead; /* errno of out; in may still have something */
	int heard; /* a FILEMSG_BROKEN came */
	int splice; /* still worth trying */
	size_t at, end; /* of what is in ibuf */
	size_t held; /* in obuf */
	size_t raw; /* bytes of FILEMSG_BYTES still to be taken */
	int bulk; /* the last of them came by splice: more will */
	uint8_t ibuf[CHANNEL_ROOM], obuf[CHANNEL_ROOM];
};

/* SIGPIPE must be ignored. */
void
channel_start(
    struct channel *p, int in, int out, int patient, const char *peer);

/* -1, and the fault that the other side has broken the rules. */
int
channel_malformed(const struct channel *p, struct fault *f);

/* -1, and the fault that the session is over: by errno err, or 0 at its end. */
int
channel_lost(const struct channel *p, int err, struct fault *f);

/* Send m.  Puts it into the buffer; a full one is written out.  0, or -1 and a
 * fault: the session is over, or (patient) the peer asks without reading. */
int
channel_put(struct channel *p, const struct filemsg *m, struct fault *f);

/* A place for up to n <= CHANNEL_FILL bytes behind those that are held; NULL and a
 * fault. */
uint8_t *
channel_room(struct channel *p, size_t n, struct fault *f);

/* Write out all that waits, blocking. */
int
channel_flush(struct channel *p, struct fault *f);

/* Write out what can be written without waiting (patient only). */
void
channel_some(struct channel *p);

/* Before a read that may block: write out what waits until there is something to
 * read. */
void
channel_turn(struct channel *p);

/* Read up to most bytes behind those in ibuf.  0, or -1 and a fault, as at the
 * end. */
int
channel_fill(struct channel *p, size_t most, struct fault *f);

/* Is all of the next message here?  1 or 0. */
int
channel_here(const struct channel *p);

/* The next message; m is good until the next call.  0, or -1 and a fault: the
 * end, or malformed (X_PEER), or a FILEMSG_BROKEN, whose sentence and code (X_SYS,
 * else X_PEER) it is.  A message FILEMSG_BYTES leaves p->raw bytes to be taken. */
int
channel_get(struct channel *p, struct filemsg *m, struct fault *f);

/* Read what is there without waiting.  0, or -1 and a fault: the end, or a
 * FILEMSG_BROKEN somewhere among it. */
int
channel_heed(struct channel *p, struct fault *f);

/* Is there something to read, waiting up to ms?  1 or 0. */
int
channel_ready(struct channel *p, int ms);

/* Say which side this is: p or g. */
int
channel_hello(struct channel *p, uint8_t kind, struct fault *f);

/* Hear which the other side is: a fault if it is not that one. */
int
channel_met(struct channel *p, uint8_t kind, struct fault *f);

/* All has been said: write out what waits, close out, and read until the other
 * side does the same, for ms at most; word: for CHANNEL_SHORT once it has said
 * something.  So neither closes a connection that still carries the other's
 * last words, and nobody waits long where a third holds a pipe open. */
void
channel_part(struct channel *p, int ms, int word);

#endif
