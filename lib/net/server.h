/* server: a child process for each call.
 * SPDX-License-Identifier: ISC */
#ifndef SERVER_H
#define SERVER_H

#include <stdint.h>

#include "base/fault.h"
#include "net/children.h"
#include "net/listen.h"

struct pollfd;

/* Another place where calls come in, beside a listener or instead of it: what they
 * are is known to run alone. */
struct server_also {
	void *arg;
	int fds; /* most that watch names */
	/* What to poll: how many, and no later than *wake (clock_ms()). */
	int (*watch)(void *arg, struct pollfd *p, int64_t *wake);
	/* 1: a call is there, for run(-1), and *peer is who it is from, of whom
	 * there are at most 4; 0: none; -1 and a fault. */
	int (*turn)(void *arg, struct addr *peer, struct fault *f);
	void (*begun)(void *arg); /* that call is a child's now, or lost */
	void (*close)(void *arg); /* until open no call is wanted */
	void (*open)(void *arg);
};

struct server {
	/* Not bound yet; NULL: none.  Two, for a stream and for datagrams, have
	 * the port of the first. */
	struct listener *at[2];
	const struct server_also *also; /* NULL: none */
	/* Most children at once; others wait to be accepted.  With pick at most
	 * 4 of an address (children.h); others wait with an open connection. */
	int max;
	int pick; /* until one is ready; else for ever */
	int again; /* with pick: and then anew; if the child that is ready has
	            * claimed that (children.h), and max is not 1, calls are taken
	            * meanwhile, too: their children know that they are to say so */
	int64_t until; /* clock_ms() by when somebody must have called */
	/* Run in the child with signals as they were; never returns.  sock is -1
	 * for a call of also, and of the kind of the listener it came to.  ready is
	 * where a byte makes it the one that is picked (-1 without pick). */
	void (*run)(int sock, int ready);
	/* What happens (children.h). */
	void (*note)(enum children_note what, pid_t talking, const char *text);
	/* Calls can come, to the first listener too. */
	void (*opened)(const struct listener *at);
};

/* Serve calls.  With pick, where stdin is a terminal and we are in its foreground,
 * ^D while there is no child ends it: 0; what else is typed then is discarded.
 * Returns the wait(2) status of the child that was picked, or
 * SIGHUP, SIGINT, SIGQUIT or SIGTERM, when that has come, which is the status
 * of dying by it; or -1 and a fault.  Whatever the end, no other child is left:
 * SIGTERM, and after 3 s SIGKILL, has gone to each and to those of theirs that
 * they left behind.  Until then this process is their subreaper (prctl(2)). */
int
server_calls(const struct server *s, struct fault *f);

#endif
