/* fault: the exit codes, and how a library function says what went wrong.
 * SPDX-License-Identifier: ISC */
#ifndef FAULT_H
#define FAULT_H

/* The exit codes of every program and script. */
enum {
	X_PEER = 98, /* the peer or its data is not authentic or not whole */
	X_TIME = 99, /* timed out */
	X_USE = 100, /* usage, or an unusable key, file, name: do not retry */
	X_SYS = 111, /* a system call failed: may be retried */
	X_EXEC = 126, /* the next program cannot be executed */
	X_NONE = 127 /* the next program is not found */
};

/* An error: a code from above and a sentence in lower case without a full stop.
 * The text may hold a peer's bytes; prog.h makes them harmless. */
struct fault {
	int code;
	char text[500];
};

/* Fill f and return -1, so that a caller can `return fault(f, ...)`. */
int
fault(struct fault *f, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* As fault, with `: ` and the text of errno at the end. */
int
fault_sys(struct fault *f, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* `not enough memory`, X_SYS. */
int
fault_memory(struct fault *f);

#endif
