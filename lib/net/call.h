/* call: connect to a host, by whichever of its addresses answers first.
 * SPDX-License-Identifier: ISC */
#ifndef CALL_H
#define CALL_H

#include <stdint.h>

#include "net/sock.h"

/* Connect to host and port.  Several addresses are raced (after RFC 8305): the
 * families alternate, each attempt begins 250 ms after the one before or when
 * all before have failed, and the first to answer is used.  The socket
 * (sock_open, sock_tune), which blocks, or -1 and a fault: X_USE if the name does
 * not exist, X_TIME at clock_ms() == until (name look-up may last longer). */
int
call_to(const struct sock_how *how, const char *host, int port, int64_t until,
    struct fault *f);

#endif
