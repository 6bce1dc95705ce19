/* listen: a socket where calls come in.
 * SPDX-License-Identifier: ISC */
#ifndef LISTEN_H
#define LISTEN_H

#include <stdint.h>

#include "base/fault.h"
#include "net/addr.h"
#include "net/sock.h"

struct listener {
	struct sock_how how;
	int port; /* the port; once bound, the true one for binding anew */
	int fd; /* -1: closed */
	struct addr at;
	/* UDP only: drop first datagrams with another beginning (NULL: none),
	 * and those of peers that have a socket already. */
	const char *prefix;
	int (*known)(void *arg, const struct addr *peer);
	void *arg;
	int bound_once;
};

/* Bind, so that the port is ours.  No call is answered yet: TCP refuses them,
 * UDP drops datagrams.  0, or -1 and a fault. */
int
listen_bind(struct listener *l, struct fault *f);

/* Let calls come in from now on; poll(2) reports them. */
int
listen_open(struct listener *l, struct fault *f);

/* Take a call: a connected blocking socket, tuned as call.h says, and the
 * caller's address.  On UDP the caller is the sender of a datagram, the socket
 * has the address it was sent to, and that datagram is the first to be read
 * from it (udp.h). -1 and errno: EAGAIN if it was not a call after all. */
int
listen_take(struct listener *l, struct addr *peer);

/* Bind, open, call opened(), take one call until clock_ms() == until (X_TIME),
 * and close.  The connected socket, or -1 and a fault. */
int
listen_once(struct listener *l, void (*opened)(const struct listener *l),
    int64_t until, struct fault *f);

/* Take no calls until listen_open, and keep the port if possible. */
void
listen_pause(struct listener *l);

void
listen_close(struct listener *l);

#endif
