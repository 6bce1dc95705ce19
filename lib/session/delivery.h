/* delivery: what the kernel knows about the other end of a connection.
 * SPDX-License-Identifier: ISC */
#ifndef DELIVERY_H
#define DELIVERY_H

#include <stdint.h>

/* 1 if the other machine has acknowledged nothing for 30 s, though data or
 * probes are outstanding; else 0, also if fd is not a TCP socket. */
int
delivery_lost(int fd);

/* Bytes that the other machine has acknowledged; 0 if fd is not a TCP
 * socket. */
uint64_t
delivery_taken(int fd);

/* Half-close after the last write.  Other descriptors are left alone. */
void
delivery_finish(int fd);

/* After delivery_finish: wait until the other machine has acknowledged
 * everything. 0, at once if fd is not a TCP socket; or -1 and errno: ETIMEDOUT
 * at clock_ms() == until or if that machine is lost (delivery_lost), ECONNRESET
 * if the connection ended first. */
int
delivery_delivered(int fd, int64_t until);

/* Discard input until its end or clock_ms() == until, then shut down both ways:
 * closing with input unread would send a reset that overtakes our data. */
void
delivery_drain(int fd, int64_t until);

#endif
