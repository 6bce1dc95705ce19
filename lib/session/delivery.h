/* delivery: what the kernel knows of the other end of a connection.
 * SPDX-License-Identifier: ISC */
#ifndef DELIVERY_H
#define DELIVERY_H

#include <stdint.h>

/* Has the other machine answered nothing for 30 s, with something outstanding
 * or probed for?  1 or 0; 0 also for what is no TCP socket. */
int
delivery_lost(int fd);

/* How many bytes the other machine has acknowledged; 0 for what is no TCP
 * socket. */
uint64_t
delivery_taken(int fd);

/* No more will be written: half-close.  What is no socket is left alone. */
void
delivery_finish(int fd);

/* After delivery_finish: wait until the other machine has acknowledged everything.
 * 0; or -1 and errno: ETIMEDOUT at clock_ms() == until, or when that machine
 * is lost (delivery_lost), ECONNRESET if the connection ended first.  0 at once for
 * what is no TCP socket. */
int
delivery_delivered(int fd, int64_t until);

/* Read and forget until the end or until clock_ms() == until, so that closing
 * is no reset that would overtake what was sent; then shut down both ways. */
void
delivery_drain(int fd, int64_t until);

#endif
