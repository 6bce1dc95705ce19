/* exec: run the program that gets the socket.
 * SPDX-License-Identifier: ISC */
#ifndef EXEC_H
#define EXEC_H

#include "base/fault.h"
#include "net/addr.h"

struct exec_next {
	char *const *program; /* its arguments, and NULL */
	int udp, listener;
	const char *host; /* the host that was called, as typed, or NULL */
	/* Addresses of the ends, where the socket has others; else NULL. */
	const struct addr *local, *remote;
};

/* Unset the variables about another connection. */
void
exec_forget(void);

/* Become the program: set PROTO, ${PROTO}LOCALIP, LOCALPORT, REMOTEIP,
 * REMOTEPORT, CHAT_ROLE and CHAT_HOST, and put the connected socket on 6 and 7.
 * ready (-1: none) goes to 5, 4 or 3 if one is free, as dash knows one digit
 * only, and CHAT_READY_FD names it.  Returns on failure: X_NONE, X_EXEC or
 * X_SYS. */
void
exec_next(const struct exec_next *n, int sock, int ready, struct fault *f);

#endif
