/* listen: a place where calls come in.
 * SPDX-License-Identifier: ISC */
#ifndef LISTEN_H
#define LISTEN_H

#include <stdint.h>

#include "addr.h"
#include "fault.h"
#include "net.h"

struct listener {
	struct net_how how;
	int port; /* once open, the true one, to which it comes back */
	int fd; /* -1: closed */
	struct addr at;
};

/* Take the place: bind, so that nobody else gets the port.  Nothing is
 * answered yet; TCP refuses calls.  0, or -1 and a fault. */
int
listen_bind(struct listener *l, struct fault *f);

/* From now on calls come in, and poll(2) says so. */
int
listen_open(struct listener *l, struct fault *f);

/* A connected socket (tuned, blocking, as net.h says) and who called.  -1 and
 * errno: EAGAIN when after all there is no call. */
int
listen_take(struct listener *l, struct addr *peer);

/* As listen_take, but wait for a call until tick_ms() == until (X_TIME). */
int
listen_wait(
    struct listener *l, struct addr *peer, int64_t until, struct fault *f);

void
listen_close(struct listener *l);

#endif
