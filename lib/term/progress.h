/* progress: the line on the terminal that says how far files have come.
 * SPDX-License-Identifier: ISC */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stddef.h>
#include <stdint.h>

struct progress {
	int quiet; /* neither the line nor progress_tell */
	int on; /* stderr is a terminal and the line is wanted */
	uint64_t done; /* bytes that are there, kept ones included */
	uint64_t moved; /* bytes that crossed */
	char name[256]; /* of the file under way, as the peer wrote it */
	/* private */
	uint64_t total;
	int64_t begun, next, last; /* clock_ms(), 0 before; last: a byte came */
	int shown;
};

/* quiet: no line, and nothing told. */
void
progress_start(struct progress *p, int quiet);

/* From now on bytes cross, of total that were offered; 0: not known. */
void
progress_begin(struct progress *p, uint64_t total);

/* n more bytes of this file crossed; draw the line if it is time. */
void
progress_moved(struct progress *p, size_t n);

/* Nothing crosses: to be called now and then, draws the line if it is time. */
void
progress_idle(struct progress *p);

/* How long bytes have crossed so far: 0.4 s, 8 s, 0:02:05. */
void
progress_took(const struct progress *p, char out[static 24]);

/* The file under way. */
void
progress_name(struct progress *p, const char *name, size_t len);

/* say (prog.h), the line out of its way. */
void
progress_say(struct progress *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* tell (prog.h), unless quiet. */
void
progress_tell(struct progress *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Take the line away. */
void
progress_clear(struct progress *p);

/* A number of bytes as a person reads it: 17 bytes, 4.2 MB. */
void
progress_bytes(char out[static 24], uint64_t n);

#endif
