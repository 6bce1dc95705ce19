/* signals: signals that are blocked, read from a descriptor and released.
 * SPDX-License-Identifier: ISC */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stddef.h>

/* Add to set those of the n signals at some that are not ignored: the caller of
 * a program may have ignored them on purpose (nohup). */
void
signals_add(sigset_t *set, const int *some, size_t n);

/* As above for SIGHUP, SIGINT and SIGTERM, which end programs. */
void
signals_ends(sigset_t *set);

/* Block the signals of set; before, if not NULL, gets the old mask.  If set has
 * SIGCHLD it is no longer ignored, since then children leave no status.  0, or
 * -1 and errno. */
int
signals_hold(const sigset_t *set, sigset_t *before);

/* A nonblocking descriptor, numbered 10 or more, that reports the blocked
 * signals of set.  -1 and errno. */
int
signals_fd(const sigset_t *set);

/* The next signal from such a descriptor, or 0. */
int
signals_read(int fd);

/* Restore the mask that signals_hold saved. */
void
signals_restore(const sigset_t *before);

/* Deliver sig now if it is pending, then block it again. */
void
signals_let(int sig);

#endif
