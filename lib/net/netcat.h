/* netcat: copy between stdin, stdout and a socket, both ways.
 * SPDX-License-Identifier: ISC */
#ifndef NETCAT_H
#define NETCAT_H

#include "base/fault.h"

/* Copy 0 to the connected stream socket, then half-close it; meanwhile copy it
 * to 1, then close 1.  Returns when both are done: 0, or -1 and a fault, then
 * exit, because threads may be left.  Blocks.  SIGPIPE ends the process if the
 * reader of 1 has gone. */
int
netcat_stream(int sock, struct fault *f);

/* Send what each read of 0 gives, at most 65,507 bytes, as a datagram to the
 * connected socket; write each datagram received to 1.  Ends after idle
 * milliseconds (-1: never) without traffic.  A refusal is a fault only before
 * the first datagram has come; later ones are counted in *refused, and the
 * datagram is sent once more.  0, or -1 and a fault. */
int
netcat_datagrams(int sock, int idle, unsigned long *refused, struct fault *f);

#endif
