/* exec: the program that gets the socket.
 * SPDX-License-Identifier: ISC */
#ifndef EXEC_H
#define EXEC_H

#include "base/fault.h"
#include "net/addr.h"

struct exec_next {
	char *const *program; /* its arguments, and NULL */
	int udp, listener;
	const char *host; /* as the caller was given it, or NULL */
	/* Where the two ends are, if the socket's are no addresses: else NULL. */
	const struct addr *local, *remote;
};

/* Take away what the environment says of another connection. */
void
exec_forget(void);

/* Set PROTO, ${PROTO}LOCALIP, LOCALPORT, REMOTEIP, REMOTEPORT, CHAT_ROLE and
 * CHAT_HOST, put the connected socket on 6 and 7 and become the program.  ready
 * (-1: none) is where CHAT_READY_FD will lead: 5, 4 or 3 if one of them is
 * free, as dash takes only one digit.  Comes back when that cannot be: X_NONE,
 * X_EXEC or X_SYS. */
void
exec_next(const struct exec_next *n, int sock, int ready, struct fault *f);

/* The other end of that: in the program, tell how far it is (children.h). */
void
exec_reached(char what);

/* May it be the one that talks?  1; 0: another does.  Where nothing above
 * answers, 1. */
int
exec_claim(void);

/* Is it known already that another talks?  Never waits. */
int
exec_busy(void);

/* A line for the person, which begins with the name of the one who called. */
void
exec_news(const char *line);

/* And in the program, tell that it is the one that talks.
 * Only the first time counts. */
void
exec_ready(void);

#endif
