/* netcat: bytes between the standard descriptors and a socket, both ways.
 * SPDX-License-Identifier: ISC */
#ifndef NETCAT_H
#define NETCAT_H

#include "base/fault.h"

/* Copy 0 to the connected stream socket, then half-close it; at the same time
 * copy it to 1, then close 1.  Returns when both are done: 0, or -1 and a
 * fault.  Blocks; leaves threads behind when it fails, so exit then.  SIGPIPE
 * ends the process as it should when nobody reads 1. */
int
netcat_stream(int sock, struct fault *f);

/* Send what each read of 0 gives, at most 65,507 bytes, as one datagram to the
 * connected socket; write each that comes to 1.  It is over when for idle
 * milliseconds (-1: never) nothing has come or gone.  A refusal is a fault only
 * before anything has come; after that it is counted in *refused, and the
 * datagram is sent again once.  0, or -1 and a fault. */
int
netcat_datagrams(int sock, int idle, unsigned long *refused, struct fault *f);

#endif
