/* agent: an identity whose secret key another process holds (holder.h).
 * SPDX-License-Identifier: ISC */
#ifndef AGENT_H
#define AGENT_H

#include "base/fault.h"
#include "crypto/own.h"

/* Through CHAT_ID_FD, a SOCK_SEQPACKET socket, each program sends the holder a
 * descriptor, its own channel, with one byte.  A public key sent on the channel
 * is answered by the X25519 secret shared with it, or by one byte for a key of
 * low order. The answer to the base point is the identity's public key. */

/* In a program behind the agent: open a channel for own, and close CHAT_ID_FD,
 * which a program that knows the peer must not get.  1; 0 if the variable is
 * unset; -1 and a fault. */
int
agent_take(struct own *own, struct fault *f);

/* Close the channel, if there is one. */
void
agent_leave(struct own *own);

#endif
