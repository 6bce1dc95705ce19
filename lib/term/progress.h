/* progress: the line on the terminal that shows how far files have come.
 * SPDX-License-Identifier: ISC */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stddef.h>
#include <stdint.h>

struct progress {
	int quiet; /* draw no line, and progress_tell is silent */
	int on; /* stderr is a terminal and the line is wanted */
	uint64_t done; /* bytes of the files so far, kept ones included */
	uint64_t moved; /* bytes transferred */
	char name[256]; /* the current file, as the peer wrote it */
	/* private */
	uint64_t total;
	int64_t begun, next, last; /* clock_ms(), 0: not yet; last: of a byte */
	int shown;
};

/* quiet: no line and no messages. */
void
progress_start(struct progress *p, int quiet);

/* Transfer begins, of total bytes that were offered; 0: unknown. */
void
progress_begin(struct progress *p, uint64_t total);

/* n more bytes of this file were transferred; draw the line if it is due: with
 * n 0 this keeps it current. */
void
progress_moved(struct progress *p, size_t n);

/* How long the transfer has lasted: 0.4 s, 8 s, 0:02:05. */
void
progress_took(const struct progress *p, char out[static 24]);

/* Set the current file's name. */
void
progress_name(struct progress *p, const char *name, size_t len);

/* Clear the line and say (prog.h). */
void
progress_say(struct progress *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Clear the line and tell (prog.h), unless quiet. */
void
progress_tell(struct progress *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Clear the line. */
void
progress_clear(struct progress *p);

/* Bytes for a person to read: 17 bytes, 4.2 MB. */
void
progress_bytes(char out[static 24], uint64_t n);

#endif
