/* bulk: bytes of files, into a stream of messages and out of it.
 * SPDX-License-Identifier: ISC */
#ifndef BULK_H
#define BULK_H

#include <sys/types.h>

#include "crypto/hash.h"
#include "file/channel.h"

/* Send n bytes of fd, from at on, by way of the kernel where it can.  Returns
 * how many there were; where fd ends before (errno 0) or cannot be read (errno)
 * zeros follow up to n.  -1 and a fault when the session is over. */
ssize_t
bulk_send(struct channel *p, int fd, off_t at, size_t n, struct fault *f);

/* Bring some of the p->raw bytes into fd at its position, or nowhere if fd is
 * -1.  Returns how many; -1 and a fault when the stream ends; -2 and errno when
 * fd cannot be written: bytes may be lost then, but the place in the stream is
 * not. */
ssize_t
bulk_take(struct channel *p, int fd, struct fault *f);

/* Add the next n bytes of fd to h, heeding the other side now and then.  1; 0 if
 * fd has fewer; -1 and a fault. */
int
bulk_hash(
    struct channel *p, struct hash *h, int fd, uint64_t n, struct fault *f);

#endif
