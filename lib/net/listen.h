/* listen: a place where calls come in.
 * SPDX-License-Identifier: ISC */
#ifndef LISTEN_H
#define LISTEN_H

#include <stdint.h>

#include "base/fault.h"
#include "net/addr.h"
#include "net/sock.h"

struct listener {
	struct sock_how how;
	int port; /* once bound, the true one, to which it comes back */
	int fd; /* -1: closed */
	struct addr at;
	/* UDP only: first datagrams that do not begin so are dropped (NULL: any
	 * will do), and those of peers that are known already. */
	const char *prefix;
	int (*known)(void *arg, const struct addr *peer);
	void *arg;
	int bound_once;
};

/* Take the place: bind, so that nobody else gets the port.  Nothing is
 * answered yet: TCP refuses calls, UDP drops them.  0, or -1 and a fault. */
int
listen_bind(struct listener *l, struct fault *f);

/* From now on calls come in, and poll(2) says so. */
int
listen_open(struct listener *l, struct fault *f);

/* A connected socket (tuned, blocking, as net.h says) and who called.  On UDP
 * who called is the sender of a datagram, the socket is at the address it was
 * sent to, and it is the first that is read there (dgram.h).  -1 and errno:
 * EAGAIN when after all there is no call. */
int
listen_take(struct listener *l, struct addr *peer);

/* Bind, open, call opened, wait for one call until clock_ms() == until (X_TIME),
 * take it, and close.  The connected socket, or -1 and a fault. */
int
listen_once(struct listener *l, void (*opened)(const struct listener *l),
    int64_t until, struct fault *f);

/* Take no calls until listen_open, and keep the place, if that can be. */
void
listen_pause(struct listener *l);

void
listen_close(struct listener *l);

#endif
