/* holder: the process that holds an identity's secret key for others (agent.h).
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer/holder.h"

enum { CHANNELS = 1100 }; /* chat-net has at most 1,000 children */

/* Receive a descriptor.  -1: none; *end: all others have closed the socket. */
static int
take(int from, int *end)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} c = {{0}};
	char byte;
	struct iovec iov = {&byte, 1};
	struct msghdr m = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = c.buf,
	    .msg_controllen = sizeof(c.buf)};
	struct cmsghdr *h;
	ssize_t n = recvmsg(from, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int fd = -1;

	*end = n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR &&
	                     errno != EMFILE);
	h = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (h && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS &&
	    h->cmsg_len == CMSG_LEN(sizeof(fd)))
		memcpy(&fd, CMSG_DATA(h), sizeof(fd));
	return fd;
}

/* Answer one question on a channel.  0, or -1 at its end. */
static int
answer(int fd, const struct own *own)
{
	uint8_t theirs[KEY_BYTES], shared[KEY_BYTES];
	ssize_t n = recv(fd, theirs, sizeof(theirs), MSG_DONTWAIT | MSG_TRUNC);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n != KEY_BYTES)
		return -1;
	n = own_dh(own, shared, theirs) == 0 ? KEY_BYTES : 1;
	n = send(fd, shared, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
	explicit_bzero(shared, sizeof(shared));
	return n == -1 ? -1 : 0;
}

void
holder_serve(int fd, const struct own *own)
{
	static struct pollfd p[1 + CHANNELS];
	int n = 1, i, end, channel;

	p[0] = (struct pollfd){.fd = fd, .events = POLLIN};
	while (p[0].fd != -1 || n > 1) {
		if (poll(p, (nfds_t)n, -1) == -1 && errno != EINTR)
			return;
		for (i = n - 1; i > 0; i--)
			if (p[i].revents && answer(p[i].fd, own) == -1) {
				close(p[i].fd);
				p[i] = p[--n];
			}
		if (p[0].fd == -1 || !p[0].revents)
			continue;
		channel = take(fd, &end);
		if (end)
			p[0].fd = -1;
		if (channel != -1 && n <= CHANNELS)
			p[n++] =
			    (struct pollfd){.fd = channel, .events = POLLIN};
		else if (channel != -1)
			close(channel);
	}
}
