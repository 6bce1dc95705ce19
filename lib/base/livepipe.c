/* livepipe: pictures into and out of pipes that hide none.
 * SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/livepipe.h"

enum { PAGE = 4096 };

void
livepipe_pipe(int fd)
{
	/* The kernel refuses (EBUSY) while the pipe holds more: leave it as it
	 * is. */
	(void)fcntl(fd, F_SETPIPE_SZ, PAGE);
}

int
livepipe_now(int in, int out)
{
	struct stat st;

	return !(fstat(in, &st) == 0 && S_ISREG(st.st_mode)) &&
	       (fd_is_pipe(out) || fd_is_socket(out));
}

void
livepipe_open(struct live *l, int fd)
{
	memset(l, 0, sizeof(*l));
	l->fd = fd;
	l->piece = fd_is_pipe(fd) || fd_is_socket(fd) ? PIPE_BUF : 1u << 20;
	livepipe_pipe(fd);
}

void
livepipe_open_wide(struct live *l, int fd)
{
	int n;

	livepipe_open(l, fd);
	if (!fd_is_pipe(fd))
		return;
	/* The limit for any user (pipe(7)); if it is refused the size stays. */
	(void)fcntl(fd, F_SETPIPE_SZ, 1 << 20);
	n = fcntl(fd, F_GETPIPE_SZ);
	l->wide = n > 0 ? (size_t)n : 0;
}

/* Bytes waiting in a wide pipe. */
static size_t
waiting(const struct live *l)
{
	int n = 0;

	return l->wide && ioctl(l->fd, FIONREAD, &n) == 0 ? (size_t)n : 0;
}

int
livepipe_poll(const struct live *l, int have, struct pollfd *p, int ms)
{
	int some = have || livepipe_busy(l);
	int full = !livepipe_busy(l) && waiting(l) > 0;

	/* poll(2) cannot report that a pipe is empty, so look again in 1 ms.
	 * POLLERR, the reader's end, is always reported. */
	p->fd = l->fd;
	p->events = some && !full ? POLLOUT : 0;
	p->revents = 0;
	return have && full ? 1 : ms;
}

int
livepipe_gone(int fd)
{
	if (write(fd, "", 0) == 0 || errno == EINTR) {
		raise(SIGPIPE);
		errno = EPIPE;
	}
	return -1;
}

int
livepipe_busy(const struct live *l)
{
	return l->hat < l->hn || l->bat < l->bn;
}

void
livepipe_start(
    struct live *l, const void *head, size_t hn, const uint8_t *body, size_t bn)
{
	memcpy(l->head, head, hn);
	l->hn = hn;
	l->body = body;
	l->bn = bn;
	l->hat = l->bat = 0;
}

int
livepipe_step(struct live *l)
{
	struct iovec v[2];
	size_t room = l->piece, head = l->hn - l->hat, used;
	ssize_t done;

	/* Count three pages more than the bytes need: the first, the last and
	 * the page being read may be partly filled. */
	used = (waiting(l) + 3 * PAGE) / PAGE * PAGE;
	if (l->wide > used + room)
		room = l->wide - used;
	/* Head and body in one write: a few bytes take up a whole page. */
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
	return !livepipe_busy(l);
}
