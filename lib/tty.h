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
	TTY_ALSO = -3, /* `also` can be read, or is closed */
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

/* Ask on /dev/tty.  Questions of several programs take turns (a lock on the
 * terminal), and what was typed before the question is thrown away.  The
 * prompt may have several lines and is printed as it is: make a peer's text
 * harmless first.  The answer, without its newline, is put in out with a NUL;
 * what does not fit is lost.  echo 0: for a secret.  The terminal is put back
 * as it was also when SIGINT, SIGTERM or SIGHUP ends or SIGTSTP stops the
 * program.  also: a descriptor to watch meanwhile, or -1.  until: tick_ms().
 * Returns the length of the answer, or a TTY_ constant.  When asked again after
 * TTY_ALSO give the prompt "" to go on with the same question: nothing is
 * thrown away then. */
int
tty_ask(const char *prompt, char *out, size_t cap, int echo, int also,
    int64_t until);

#endif
