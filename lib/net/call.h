/* call: connecting to a host, by whichever of its addresses answers first.
 * SPDX-License-Identifier: ISC */
#ifndef CALL_H
#define CALL_H

#include <stdint.h>

#include "net/sock.h"

/* Connect to host and port.  Several addresses are raced, the families taking
 * turns, each begun 250 ms after the one before it, or when all before it have
 * failed; the first that answers is it (after RFC 8305).  The socket (sock_open,
 * sock_tune), which blocks, or -1 and a fault: X_USE for a name that does not
 * exist, X_TIME at clock_ms() == until (the looking up of the name is not
 * counted). */
int
call_to(const struct sock_how *how, const char *host, int port, int64_t until,
    struct fault *f);

#endif
