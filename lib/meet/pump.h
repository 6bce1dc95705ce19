/* pump: datagrams across the relay's connection, where UDP does not pass.
 * SPDX-License-Identifier: ISC */
#ifndef PUMP_H
#define PUMP_H

#include "base/fault.h"

/* Begin a child that carries datagrams over the connected stream: each with its
 * length before it, 2 bytes.  It drops datagrams while older bytes have waited
 * for 100 ms, and ends when either end does.  The other end of the pair that
 * takes the socket's place (SOCK_SEQPACKET: a write is a datagram), or -1 and a
 * fault.  The stream is closed here. */
int
pump_begin(int stream, struct fault *f);

#endif
