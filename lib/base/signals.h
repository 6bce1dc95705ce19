/* signals: signals that are held back, read and let go.
 * SPDX-License-Identifier: ISC */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stddef.h>

/* Add to set those of the n signals at some that the program was not told to
 * ignore. */
void
signals_add(sigset_t *set, const int *some, size_t n);

/* The same for SIGHUP, SIGINT and SIGTERM, by which a program is ended. */
void
signals_ends(sigset_t *set);

/* Block those of set.  What was blocked until now is put in before, if it is not
 * NULL.  SIGCHLD, if it is among them, is no longer ignored: children would leave
 * no status.  0, or -1 and errno. */
int
signals_hold(const sigset_t *set, sigset_t *before);

/* A descriptor, 10 or more, that gives those of set while they are held, and does
 * not block.  -1 and errno. */
int
signals_fd(const sigset_t *set);

/* The next signal from such a descriptor, or 0. */
int
signals_read(int fd);

/* Block what was blocked before signals_hold, and nothing else. */
void
signals_restore(const sigset_t *before);

/* Deliver sig, which is held, if it is pending; hold it again. */
void
signals_let(int sig);

#endif
