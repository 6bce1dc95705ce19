/* children: the child processes that answer calls.
 * SPDX-License-Identifier: ISC */
#ifndef CHILDREN_H
#define CHILDREN_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/addr.h"

enum {
	CHILDREN_BEFORE = 64,
	CHILDREN_LINE = 128, /* bytes of a line for the person, NUL included */
	CHILDREN_CALLERS = 64 /* callers that the person is told of */
};

/* Kinds of notes: for -v, an error, a line for the person. */
enum children_note { CHILDREN_MORE, CHILDREN_WRONG, CHILDREN_NEWS };

struct child {
	pid_t pid; /* 0: free */
	int ready; /* the socket it reports on; -1: closed, or none */
	int sent; /* the last signal sent to it */
	int proved, asks; /* it has reported p, q (children_begin) */
	int busy; /* it was told that another child talks */
	int64_t since; /* clock_ms() of its start, or of SIGTERM */
	struct addr peer;
};

struct children {
	struct child *all; /* max entries */
	int max, n;
	int pick; /* one child will be picked to talk */
	sigset_t before; /* the signal mask for the children */
	/* talking: the child that has the user's terminal, or 0. */
	void (*note)(enum children_note what, pid_t talking, const char *text);
	pid_t picked; /* the first child that was ready; 0: none */
	pid_t claims; /* the child that may be ready next; 0: none */
	/* Callers the person was told of since picked was 0. */
	int callers_n;
	char callers[CHILDREN_CALLERS][CHILDREN_LINE];
	pid_t before_us[CHILDREN_BEFORE]; /* not our children, see children.c */
	int nbefore;
	int over, status; /* the picked child has ended, and its status */
};

/* Make max entries.  SIGCHLD must be blocked and not ignored.  This process
 * also becomes the parent of orphans that children leave behind (prctl(2),
 * PR_SET_CHILD_SUBREAPER).  0, or -1 and errno. */
int
children_init(struct children *k, int max);

/* Start a child for a call; an entry must be free.  The child calls run, which
 * never returns, with the socket and, with pick, a socket to report on, else
 * -1. It writes: p, the other side has proved its key; q, a person will be
 * asked about it; c, may I be ready? (answered y, or b for busy: another child
 * talks); n and, in the same write, a line for the person that begins with the
 * caller's name; any other byte, it is ready.  A b may also come unasked.  0,
 * or -1 and errno. */
int
children_begin(struct children *k, int sock, const struct addr *peer,
    void (*run)(int sock, int ready));

/* 1 if a child has that peer, else 0. */
int
children_known(const struct children *k, const struct addr *peer);

/* How many children have that peer's address (addr_near), without those whose
 * caller a person is asked about. */
int
children_near(const struct children *k, const struct addr *peer);

/* Make room for a newcomer whose address has `near` children: end the oldest
 * child, with a caller that has proved nothing, of the address that has most,
 * if it has at least two more or the newcomer's has none.  Only one such ending
 * at a time. */
void
children_yield(struct children *k, int near);

/* Read what the children report; the first that is ready is picked.  A third
 * child of an address whose caller a person would be asked about is ended.  The
 * person gets the first line of each caller.  Never waits. */
void
children_hear(struct children *k);

/* The picked child's caller talks: tell the other children, and later ones at
 * their start.  Children whose caller a person is asked about are ended. */
void
children_busy(struct children *k);

/* Forget which child was picked. */
void
children_again(struct children *k);

/* Collect children that have ended.  With pick, one that ends with X_USE,
 * X_EXEC or X_NONE is picked: all others would end so too.  1 if any had ended,
 * else 0. Never waits. */
int
children_reap(struct children *k);

/* End all but one (0: all) and their orphans by SIGTERM, after 3 s by SIGKILL;
 * return when all are gone. */
void
children_end(struct children *k, pid_t but);

/* After SIGTSTP, which is blocked: stop this process, but first let that child
 * (0: none) stop, for at most 0.5 s.  The shell takes the terminal as soon as
 * we stop, so the child must have restored it by then. */
void
children_stop(pid_t first);

#endif
