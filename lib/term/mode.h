/* mode: a terminal while a line is edited on it, and the signals of a program
 * that must put it back.
 * SPDX-License-Identifier: ISC */
#ifndef TERM_MODE_H
#define TERM_MODE_H

#include <poll.h>

/* There is one in a process: fd.  Hold back SIGINT and SIGHUP, unless they are
 * ignored: they come in mode_wait alone. */
void
mode_hold(int fd);

/* Hold back SIGTERM, too. */
void
mode_hold_term(void);

/* Give every key to the program at once, without an echo; ^C, ^\, ^Z, ^S and ^Q
 * stay the terminal's.  SIGTERM, SIGQUIT, SIGTSTP and SIGWINCH are held back,
 * too.  0, or -1 and errno. */
int
mode_edit(int fd);

/* Put it back as it was before mode_edit, unless somebody, a shell, has changed
 * it since. */
void
mode_restore(void);

/* Throw away what was typed and not read, unless a shell has the terminal. */
void
mode_discard(void);

/* After SIGTSTP: put it back, stop as that does, and when continued in the
 * foreground edit again.  0; -1 if a signal that ends the program has come, or
 * the terminal is not ours any more. */
int
mode_stop(void);

/* After another SIGCONT: a shell may have changed it. */
void
mode_again(void);

/* poll(2) for at most ms (-1: for ever), in which signals come. */
int
mode_wait(struct pollfd *p, nfds_t n, int ms);

/* A signal that has come, each once; SIGCONT too.  0: none. */
int
mode_signal(void);

/* The width of the terminal's window; 80 where it cannot be told. */
unsigned
mode_columns(int fd);

#endif
