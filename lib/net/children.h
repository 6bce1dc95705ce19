/* children: the children that answer calls: begun, heard, buried, ended.
 * SPDX-License-Identifier: ISC */
#ifndef CHILDREN_H
#define CHILDREN_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/addr.h"

enum {
	CHILDREN_BEFORE = 64,
	CHILDREN_LINE = 128, /* bytes of a line for the person, with a NUL */
	CHILDREN_CALLERS = 64 /* of whom that is told, in a conversation */
};

/* What is said: for -v, what went wrong, a line for the person. */
enum children_note { CHILDREN_MORE, CHILDREN_WRONG, CHILDREN_NEWS };

struct child {
	pid_t pid; /* 0: a free place */
	int ready; /* the socket it says so on; -1: closed, or none */
	int sent; /* the signal it has been sent */
	int proved, asks; /* it has said so */
	int busy; /* it has been told that another talks */
	int64_t since; /* clock_ms() when it began, or was sent SIGTERM */
	struct addr peer;
};

struct children {
	struct child *all; /* max places */
	int max, n;
	int pick; /* one of them is to be picked */
	sigset_t before; /* the signals they are to have blocked */
	/* talking is the child that has the user's terminal, 0: none has. */
	void (*note)(enum children_note what, pid_t talking, const char *text);
	pid_t picked; /* the first that was heard to be ready; 0: none */
	pid_t claims; /* the one that may be ready next; 0: none */
	/* Whose calls the person has been told of since picked was 0. */
	int callers_n;
	char callers[CHILDREN_CALLERS][CHILDREN_LINE];
	pid_t before_us[CHILDREN_BEFORE]; /* children that are none of ours */
	int nbefore;
	int over, status; /* the picked one has ended, and how */
};

/* Make max places.  SIGCHLD must be blocked and not ignored.  What the kids
 * leave behind when they end becomes a child of this process, too (prctl(2),
 * PR_SET_CHILD_SUBREAPER).  0, or -1 and errno. */
int
children_init(struct children *k, int max);

/* Begin one for a call: run is called in it with the socket and, with pick,
 * a socket where bytes say how far it is (else -1), and never returns.  The bytes:
 * p, the other side has proved which key it has; q, a person is about to be asked
 * about it; c, it would be ready, and waits for an answer: y, or b for busy,
 * another is; n, the rest of the write is a line for the person, which begins with the caller's
 * name; any other, it is ready.  A b may come unasked.  There must be a place.
 * 0, or -1 and errno. */
int
children_begin(struct children *k, int sock, const struct addr *peer,
    void (*run)(int sock, int ready));

/* Is there one for that peer?  1 or 0. */
int
children_known(const struct children *k, const struct addr *peer);

/* How many there are for that peer's address (addr_near), but those about which a
 * person is asked. */
int
children_near(const struct children *k, const struct addr *peer);

/* End, for a newcomer of whose address there are that many, the one that began
 * first among those of the address that has most, if that is more by two, or the
 * newcomer's has none; it has proved nothing.  Nothing while another is being
 * ended so. */
void
children_yield(struct children *k, int near);

/* See who says what; the first that is ready is picked.  Of those about which a
 * person is asked, a third one of an address is ended.  Of each caller's lines the
 * person is told the first.  Never waits. */
void
children_hear(struct children *k);

/* The one that is picked had asked: tell the others, and those that begin from now
 * on, that it talks.  Those about which a person is asked are ended. */
void
children_busy(struct children *k);

/* Nobody is picked any more. */
void
children_again(struct children *k);

/* Bury those that have ended.  Where one is to be picked, one that ends with
 * X_USE, X_EXEC or X_NONE is: so would all the others.  1 if there were any, 0
 * if not.  Never waits. */
int
children_reap(struct children *k);

/* End all but one (0: all), and what others have left behind: SIGTERM, after
 * 3 s SIGKILL; return when there is none any more. */
void
children_end(struct children *k, pid_t but);

/* After SIGTSTP, which is blocked: stop as it does, but let that child (0: none)
 * stop before, half a second at most.  A shell has the terminal as soon as we
 * have stopped, so the child must have put it back. */
void
children_stop(pid_t first);

#endif
