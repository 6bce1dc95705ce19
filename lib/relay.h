/* relay: bytes between the standard descriptors and a socket, both ways.
 * SPDX-License-Identifier: ISC */
#ifndef RELAY_H
#define RELAY_H

#include "fault.h"

/* Copy 0 to the connected stream socket, then half-close it; at the same time
 * copy it to 1, then close 1.  Returns when both are done: 0, or -1 and a
 * fault.  Blocks; leaves threads behind when it fails, so exit then.  SIGPIPE
 * ends the process as it should when nobody reads 1. */
int
relay_stream(int sock, struct fault *f);

#endif
