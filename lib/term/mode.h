/* mode: a terminal's mode while a line is edited, and the signals after which
 * it must be restored.
 * SPDX-License-Identifier: ISC */
#ifndef TERM_MODE_H
#define TERM_MODE_H

#include <poll.h>

/* For the one terminal of a process, fd: block SIGINT and SIGHUP, unless they
 * are ignored; they then arrive only in mode_wait. */
void
mode_hold(int fd);

/* Block SIGTERM, too. */
void
mode_hold_term(void);

/* Have each key delivered at once and not echoed; the terminal still handles
 * ^C, ^\, ^Z, ^S and ^Q.  Also blocks SIGTERM, SIGQUIT, SIGTSTP and SIGWINCH.
 * 0, or -1 and errno. */
int
mode_edit(int fd);

/* Restore the mode from before mode_edit, unless a shell has changed it
 * since. */
void
mode_restore(void);

/* Discard unread input, unless a shell has the terminal. */
void
mode_discard(void);

/* After SIGTSTP: restore the mode, stop, and once continued in the foreground
 * edit again.  0; -1 if a signal came that ends the program, or the terminal is
 * no longer ours. */
int
mode_stop(void);

/* After another SIGCONT: a shell may have changed the mode, so set it again. */
void
mode_again(void);

/* poll(2) for at most ms (-1: for ever); signals arrive in it. */
int
mode_wait(struct pollfd *p, nfds_t n, int ms);

/* A signal that has arrived, once each, SIGCONT too; or 0. */
int
mode_signal(void);

/* The width of the terminal's window; 80 if unknown. */
unsigned
mode_columns(int fd);

#endif
