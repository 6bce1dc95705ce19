/* agent: an identity whose secret key another process holds (holder.h).
 * SPDX-License-Identifier: ISC */
#ifndef AGENT_H
#define AGENT_H

#include "base/fault.h"
#include "crypto/own.h"

/* On CHAT_ID_FD, a SOCK_SEQPACKET socket, each program hands the holder a channel
 * of its own: a descriptor, with any byte.  On a channel it asks for X25519: a
 * public key is answered by the shared secret, one of low order by a single byte.
 * The answer to the base point is the identity's public key. */

/* In a program behind the agent: open a channel, by which own can be used, and
 * close CHAT_ID_FD, which must not reach a program that knows the peer.  1; 0 if
 * that variable is not set; -1 and a fault. */
int
agent_take(struct own *own, struct fault *f);

/* Close the channel, if there is one. */
void
agent_leave(struct own *own);

#endif
