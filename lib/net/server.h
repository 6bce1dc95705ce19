/* server: a child process for each call.
 * SPDX-License-Identifier: ISC */
#ifndef SERVER_H
#define SERVER_H

#include <stdint.h>

#include "base/fault.h"
#include "net/children.h"
#include "net/listen.h"

struct pollfd;

/* Another source of calls, beside a listener or instead of it (a relay). */
struct server_also {
	void *arg;
	int fds; /* most entries that watch fills */
	/* Fill in what to poll and lower *wake (clock_ms()).  How many. */
	int (*watch)(void *arg, struct pollfd *p, int64_t *wake);
	/* 1: there is a call for run(-1) from *peer, of whom at most 4 are
	 * served; 0: none; -1 and a fault. */
	int (*turn)(void *arg, struct addr *peer, struct fault *f);
	void (*begun)(void *arg); /* that call is a child's now, or lost */
	void (*close)(void *arg); /* a child has the call, or it was dropped */
	void (*open)(void *arg);
};

struct server {
	/* Not bound yet; NULL: none.  The second, for the other kind of socket,
	 * gets the port of the first. */
	struct listener *at[2];
	const struct server_also *also; /* NULL: none */
	/* Most children at once; more callers wait to be accepted, with pick
	 * those beyond 4 of an address on an open connection (children.h). */
	int max;
	int pick; /* until one child is ready; else for ever */
	int again; /* with pick: wait anew afterwards.  If the child that is
	            * ready has claimed that (children.h) and max is not 1,
	            * children also answer calls that have waited 0.3 s
	            * meanwhile: busy */
	int64_t until; /* clock_ms() by which a call must come */
	/* Run in the child with the original signal mask; never returns.  sock
	 * is the call's, -1 for a call of also.  A byte written to ready picks
	 * this child (-1 without pick). */
	void (*run)(int sock, int ready);
	/* Notes (children.h). */
	void (*note)(enum children_note what, pid_t talking, const char *text);
	/* Called when calls can come in, with the first listener. */
	void (*opened)(const struct listener *at);
};

/* Serve calls.  With pick, if stdin is a terminal with us in its foreground, ^D
 * while no child runs ends it (0); other input is discarded.  Returns the
 * wait(2) status of the picked child; or SIGHUP, SIGINT, SIGQUIT or SIGTERM if
 * that came, which is the status of dying by it; or -1 and a fault.  All other
 * children, and orphans they leave, are ended: SIGTERM, after 3 s SIGKILL.
 * Until then this process is their subreaper (prctl(2)). */
int
server_calls(const struct server *s, struct fault *f);

#endif
