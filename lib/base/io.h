/* io: the kit's one write loop, its exact read and its waiting.
 * SPDX-License-Identifier: ISC */
#ifndef IO_H
#define IO_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Write all n bytes, waiting where a descriptor would block.  0, or -1 and
 * errno. */
int
io_write(int fd, const void *p, size_t n);

/* One read, repeated over EINTR and waited for over EAGAIN.  Bytes read, 0 at
 * the end of file, -1 and errno. */
ssize_t
io_read(int fd, void *p, size_t n);

/* Read exactly n bytes.  Fewer only at the end of file; -1 and errno. */
ssize_t
io_read_full(int fd, void *p, size_t n);

/* As io_read_full, but give up at clock_ms() == until: -1, errno ETIMEDOUT.
 * The descriptor may block or not. */
ssize_t
io_read_until(int fd, void *p, size_t n, int64_t until);

/* poll(2), repeated over EINTR, until clock_ms() == until (INT64_MAX: for
 * ever).  How many have revents, 0 at the deadline, -1 and errno. */
int
io_poll(struct pollfd *p, nfds_t n, int64_t until);

/* io_poll for one of events on fd.  The revents, 0 at the deadline, -1 and
 * errno. */
int
io_wait(int fd, short events, int64_t until);

/* Milliseconds left until then, as poll(2) wants them: 0 at the least, -1 for
 * INT64_MAX. */
int
io_left(int64_t until);

#endif
