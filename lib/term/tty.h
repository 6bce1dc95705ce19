/* tty: a question to the person at the terminal.
 * SPDX-License-Identifier: ISC */
#ifndef TTY_H
#define TTY_H

#include <stddef.h>
#include <stdint.h>

/* What tty_ask returns when there is no answer. */
enum {
	TTY_END = -1, /* ^D, or the terminal is gone */
	TTY_TIME = -2, /* the deadline */
	TTY_ALSO = -3, /* something else ended the question */
	TTY_NONE = -4 /* there is no terminal (errno) */
};

/* The path of the terminal behind /dev/tty itself, such as /dev/pts/3; empty
 * where that cannot be told. */
enum { TTY_PATH = 32 };
void
tty_path(char path[static TTY_PATH]);

/* Throw away what was typed on fd and not yet read, a line that is not ended
 * and ^D among it.  Nothing is done where fd is not a terminal, or is one where
 * another job is in the foreground: what is typed there is for that. */
void
tty_discard(int fd);

/* A question, and what else happens while the person thinks. */
struct tty_question {
	/* May have several lines; printed as it is: make a peer's text
	 * harmless first. */
	const char *prompt;
	int secret; /* the answer is not echoed */
	int bell; /* ring the terminal's bell at once, and again so often, in ms;
	           * 0: never */
	int64_t until; /* clock_ms(), or INT64_MAX: for ever */
	/* hear is called when `watch` (-1: nothing) can be read or is closed,
	 * and at clock_ms() == due (INT64_MAX: never); it may change both.  The
	 * question goes on if it returns 0; else, or if it is NULL, it ends with
	 * TTY_ALSO. */
	int watch;
	int64_t due;
	int (*hear)(struct tty_question *q);
	/* Judge an answer: NULL takes it, else what to show before the next
	 * try.  May be NULL. */
	const char *(*refuse)(struct tty_question *q, const char *answer);
	/* TAB: what to add to an answer that is not finished, a string.  With it
	 * an answer is ASCII.  May be NULL. */
	const char *(*complete)(struct tty_question *q, const char *answer);
	void *arg;
};

/* Ask on /dev/tty.  Questions of several programs take turns: one holds a lock
 * on the terminal from its first letter until it is answered or over.  What was
 * typed before the question was shown is thrown away; after a stop (SIGTSTP) the
 * whole question is shown again.  The answer, without its newline, is put in out
 * with a NUL; what does not fit is lost.  The terminal is put back as it was also
 * when SIGINT, SIGTERM or SIGHUP ends or SIGTSTP stops the program.  Where the
 * terminal's own file cannot be opened there is no lock.  Returns the length of
 * the answer, or a TTY_ constant. */
int
tty_ask(struct tty_question *q, char *out, size_t cap);

/* Open /dev/tty now, for questions of a process that soon can open nothing.
 * These do not take turns with other programs' questions.  0, or TTY_NONE. */
int
tty_hold(void);

/* The same for a question with which nothing else happens. */
int
tty_line(const char *prompt, char *out, size_t cap, int secret);

/* Is that a yes, to what ends in `[y/N] `?  1 or 0. */
int
tty_yes(const char *answer);

#endif
