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

#endif
