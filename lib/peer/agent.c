/* agent: an identity whose secret key another process holds (holder.h).
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/chat.h"
#include "base/fd.h"
#include "base/opt.h"
#include "peer/agent.h"

static const uint8_t base[KEY_BYTES] = {9}; /* RFC 7748, section 4.1 */

/* Send fd over a socket.  0, or -1 and errno. */
static int
give(int to, int fd)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} c = {{0}};
	char byte = 'c';
	struct iovec iov = {&byte, 1};
	struct msghdr m = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = c.buf,
	    .msg_controllen = sizeof(c.buf)};
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	return sendmsg(to, &m, MSG_NOSIGNAL) == -1 ? -1 : 0;
}

/* The holder function of a struct own. */
static int
ask(int fd, uint8_t shared[static KEY_BYTES],
    const uint8_t theirs[static KEY_BYTES])
{
	ssize_t n = send(fd, theirs, KEY_BYTES, MSG_NOSIGNAL);

	while (n != -1 || errno == EINTR) {
		n = recv(fd, shared, KEY_BYTES, 0);
		if (n != -1)
			return n == KEY_BYTES ? 0 : -1;
	}
	return -1;
}

int
agent_take(struct own *own, struct fault *f)
{
	const char *text = getenv(CHAT_ID_FD);
	int pair[2], bad;
	long fd;

	if (!text)
		return 0;
	if (opt_parse(text, 3, 1 << 20, &fd) == -1 || !fd_is_socket((int)fd))
		return fault(
		    f, X_USE, CHAT_ID_FD "=%s: not chat-agent's", text);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return fault_sys(f, X_SYS, "cannot ask chat-agent");
	bad = give((int)fd, pair[1]);
	close(pair[1]);
	close((int)fd);
	unsetenv(CHAT_ID_FD);
	own->holder = ask;
	own->at = fd_high(pair[0]);
	if (bad || own->at == -1 || ask(own->at, own->public, base) == -1)
		return fault(f, X_SYS, "chat-agent does not answer");
	return 1;
}

void
agent_leave(struct own *own)
{
	if (own->holder)
		close(own->at);
	own->holder = NULL;
}
