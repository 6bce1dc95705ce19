/* io: the kit's one write loop, its exact read and its waiting.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

int
io_left(int64_t until)
{
	int64_t left;

	if (until == INT64_MAX)
		return -1;
	left = until - clock_ms();
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

int
io_poll(struct pollfd *p, nfds_t n, int64_t until)
{
	int r;

	do
		r = poll(p, n, io_left(until));
	while ((r == -1 && errno == EINTR) ||
	       (r == 0 && until != INT64_MAX && clock_ms() < until));
	return r;
}

int
io_wait(int fd, short events, int64_t until)
{
	struct pollfd pfd = {.fd = fd, .events = events};
	int n = io_poll(&pfd, 1, until);

	return n <= 0 ? n : pfd.revents;
}

/* After a failed call: 0 if the call should be repeated, else -1. */
static int
again(int fd, short events)
{
	if (errno == EINTR)
		return 0;
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		return -1;
	return io_wait(fd, events, INT64_MAX) == -1 ? -1 : 0;
}

int
io_write(int fd, const void *p, size_t n)
{
	const char *at = p;
	ssize_t done;

	while (n > 0) {
		done = write(fd, at, n);
		if (done == -1) {
			if (again(fd, POLLOUT) == -1)
				return -1;
			continue;
		}
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

ssize_t
io_read(int fd, void *p, size_t n)
{
	ssize_t got;

	while ((got = read(fd, p, n)) == -1)
		if (again(fd, POLLIN) == -1)
			return -1;
	return got;
}

ssize_t
io_read_until(int fd, void *p, size_t n, int64_t until)
{
	char *at = p;
	size_t have = 0;
	ssize_t got;
	int ready;

	while (have < n) {
		if (until != INT64_MAX) {
			ready = io_wait(fd, POLLIN, until);
			if (ready == -1)
				return -1;
			if (ready == 0) {
				errno = ETIMEDOUT;
				return -1;
			}
		}
		got = io_read(fd, at + have, n - have);
		if (got == -1)
			return -1;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

ssize_t
io_read_full(int fd, void *p, size_t n)
{
	return io_read_until(fd, p, n, INT64_MAX);
}
