/* own: the pictures one sends, small, for a corner of one's own window.
 * SPDX-License-Identifier: ISC */
#include <sys/ioctl.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/io.h"
#include "video/own.h"

enum { HEADS = 2 * Y4M_LINE }; /* before a picture, at most */

void
own_open(struct own *o, int fd)
{
	struct y4m most = {.w = OWN_WIDE, .h = OWN_HIGH};
	int want = (int)y4m_bytes(&most) + HEADS, has;

	memset(o, 0, sizeof(*o));
	o->fd = fd_is_pipe(fd) ? fd : -1;
	has = fcntl(fd, F_GETPIPE_SZ);
	if (has > 0 && has < want && fcntl(fd, F_SETPIPE_SZ, want) != -1)
		has = fcntl(fd, F_GETPIPE_SZ);
	if (has < HEADS)
		o->fd = -1;
	else
		o->room = (size_t)has;
}

void
own_free(struct own *o)
{
	free(o->buf);
	o->buf = NULL;
}

/* Can a write of all that the pipe holds not block?  This process alone writes
 * into it. */
static int
taken(struct own *o)
{
	int n = 0, r = io_wait(o->fd, POLLOUT, 0);

	if (r == -1 || r & (POLLERR | POLLNVAL))
		o->fd = -1;
	return o->fd != -1 && r & POLLOUT && ioctl(o->fd, FIONREAD, &n) == 0 &&
	       n == 0;
}

/* By how much both sides are divided, so that the small one, of w by h, fits.
 * Its sides are even, so that those of colour are divided alike. */
static unsigned
factor(const struct own *o, const struct y4m *y, struct y4m *to)
{
	unsigned by = 0;

	*to = *y;
	do {
		by++;
		to->w = y->w / by & ~1u;
		to->h = y->h / by & ~1u;
	} while (to->w > OWN_WIDE || to->h > OWN_HIGH ||
	         y4m_bytes(to) + HEADS > o->room);
	return by;
}

/* One plane of w by h: the mean of by times by of the bytes of one that is
 * `stride` wide. */
static void
divide(uint8_t *out, unsigned w, unsigned h, const uint8_t *in, size_t stride,
    unsigned by)
{
	uint32_t sum[OWN_WIDE];
	unsigned x, line, i;

	for (; h > 0; h--, out += w) {
		memset(sum, 0, sizeof(sum));
		for (line = 0; line < by; line++, in += stride)
			for (x = 0; x < w; x++)
				for (i = 0; i < by; i++)
					sum[x] += in[x * by + i];
		for (x = 0; x < w; x++)
			out[x] = (uint8_t)(sum[x] / (by * by));
	}
}

/* Behind at. */
static void
divide_all(uint8_t *at, const struct y4m *to, const struct y4m *y,
    const uint8_t *pic, unsigned by)
{
	size_t half = y4m_half(y->w), n = half * y4m_half(y->h);
	unsigned w = to->w / 2, h = to->h / 2;

	divide(at, to->w, to->h, pic, y->w, by);
	at += (size_t)to->w * to->h;
	pic += (size_t)y->w * y->h;
	divide(at, w, h, pic, half, by);
	divide(at + (size_t)w * h, w, h, pic + n, half, by);
}

/* A reader that has gone must not end the one that codes. */
static void
write_quietly(struct own *o, size_t n)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	ssize_t put = write(o->fd, o->buf, n);

	if (put == -1 && errno != EINTR)
		o->fd = -1;
	signal(SIGPIPE, before);
}

int
own_give(struct own *o, const struct y4m *y, const uint8_t *pic)
{
	struct y4m to;
	unsigned by;
	size_t n = 0;

	if (o->fd == -1 || !taken(o))
		return 0;
	by = factor(o, y, &to);
	if (to.w < Y4M_LEAST || to.h < Y4M_LEAST)
		return 0;
	if (!o->buf && !(o->buf = malloc(o->room)))
		return -1;
	if (to.w != o->w || to.h != o->h)
		n = y4m_head_put((char *)o->buf, &to);
	n += y4m_frame_put((char *)o->buf + n, 0);
	divide_all(o->buf + n, &to, y, pic, by);
	write_quietly(o, n + y4m_bytes(&to));
	o->w = to.w;
	o->h = to.h;
	return 0;
}
