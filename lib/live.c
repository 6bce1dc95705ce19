/* live: pictures into and out of pipes that hide none.
 * SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "fds.h"
#include "live.h"

void
live_pipe(int fd)
{
	/* Refused (EBUSY) while it holds more: then it stays as it is. */
	if (fds_is_pipe(fd))
		(void)fcntl(fd, F_SETPIPE_SZ, 4096);
}

int
live_now(int in, int out)
{
	struct stat st;

	return !(fstat(in, &st) == 0 && S_ISREG(st.st_mode)) &&
	       (fds_is_pipe(out) || fds_is_socket(out));
}

void
live_open(struct live *l, int fd)
{
	memset(l, 0, sizeof(*l));
	l->fd = fd;
	l->piece = fds_is_pipe(fd) || fds_is_socket(fd) ? PIPE_BUF : 1u << 20;
	live_pipe(fd);
}

int
live_busy(const struct live *l)
{
	return l->hat < l->hn || l->bat < l->bn;
}

void
live_start(
    struct live *l, const void *head, size_t hn, const uint8_t *body, size_t bn)
{
	memcpy(l->head, head, hn);
	l->hn = hn;
	l->body = body;
	l->bn = bn;
	l->hat = l->bat = 0;
}

int
live_step(struct live *l)
{
	struct iovec v[2];
	size_t room = l->piece, head = l->hn - l->hat;
	ssize_t done;

	/* Head and body in one write: a page with a few bytes in it is as
	 * full as any. */
	v[0].iov_base = l->head + l->hat;
	v[0].iov_len = head < room ? head : room;
	room -= v[0].iov_len;
	v[1].iov_base = (uint8_t *)l->body + l->bat;
	v[1].iov_len = l->bn - l->bat < room ? l->bn - l->bat : room;
	done = writev(l->fd, v, 2);
	if (done == -1)
		return errno == EINTR || errno == EAGAIN ? 0 : -1;
	if ((size_t)done < v[0].iov_len) {
		l->hat += (size_t)done;
	} else {
		l->hat += v[0].iov_len;
		l->bat += (size_t)done - v[0].iov_len;
	}
	return !live_busy(l);
}
