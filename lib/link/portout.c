/* portout: frames, plain bytes, or lines about pictures, to a program.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "link/portout.h"

enum { PAGE = 4096, WIDE = 1 << 18 };

void
portout_open(struct portout *p, int fd, int wide, int live)
{
	int n = -1;

	p->fd = fd;
	p->live = live;
	/* The kernel refuses (EBUSY) while the pipe holds more: leave it. */
	if (live)
		(void)fcntl(fd, F_SETPIPE_SZ, PAGE);
	if (!wide || !fd_is_pipe(fd))
		return;
	(void)fcntl(fd, F_SETPIPE_SZ, WIDE);
	n = fcntl(fd, F_GETPIPE_SZ);
	p->wide = n > 0 ? (size_t)n : 0;
}

uint8_t *
portout_room(struct portout *p, size_t n)
{
	if (p->n + n > sizeof(p->buf) && p->at > 0) {
		memmove(p->buf, p->buf + p->at, p->n - p->at);
		p->n -= p->at;
		p->at = 0;
	}
	return p->n + n > sizeof(p->buf) ? NULL : p->buf + p->n;
}

int
portout_write(struct portout *p)
{
	size_t n = p->n - p->at, room = PIPE_BUF, used;
	int waits = 0;
	ssize_t done;

	/* The first, last and current page of a pipe may be partly filled. */
	if (p->wide && n > room && ioctl(p->fd, FIONREAD, &waits) == 0) {
		used = ((size_t)waits + 3 * PAGE) / PAGE * PAGE;
		if (p->wide > used + room)
			room = p->wide - used;
	}
	done = write(p->fd, p->buf + p->at, n < room ? n : room);
	if (done == -1)
		return errno == EINTR || errno == EAGAIN ? 0 : -1;
	p->at += (size_t)done;
	if (p->at == p->n)
		p->at = p->n = 0;
	return 0;
}
