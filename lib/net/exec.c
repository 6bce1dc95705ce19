/* exec: run the program that gets the socket.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/chat.h"
#include "base/fd.h"
#include "net/addr.h"
#include "net/exec.h"

void
exec_forget(void)
{
	static const char *const old[] = {CHAT_READY_FD, CHAT_HOST, CHAT_ROLE,
	    CHAT_PEER, CHAT_PEERKEY, CHAT_PURPOSE, CHAT_PATH, CHAT_ROOM,
	    CHAT_START_FD};
	size_t i;

	for (i = 0; i < sizeof(old) / sizeof(*old); i++)
		unsetenv(old[i]);
}

/* Set PROTO's variable about one end, or unset it if value is NULL. */
static int
put(const char *proto, const char *end, const char *what, const char *value)
{
	char name[32];

	snprintf(name, sizeof(name), "%s%s%s", proto, end, what);
	return value ? setenv(name, value, 1) : unsetenv(name);
}

static int
put_end(const char *proto, const char *end, const struct addr *a)
{
	char ip[ADDR_TEXT], port[8];

	addr_text(ip, a);
	snprintf(port, sizeof(port), "%d", addr_port(a));
	/* Unset what UCSPI allows besides: it was about another connection. */
	put(proto, end, "HOST", NULL);
	put(proto, end, "INFO", NULL);
	return put(proto, end, "IP", ip) == -1 ? -1
	                                       : put(proto, end, "PORT", port);
}

static int
environment(const struct exec_next *n, int sock)
{
	const char *proto = n->udp ? "UDP" : "TCP";
	const char *role = n->listener ? "responder" : "initiator";
	struct addr local, remote;

	if (n->local && n->remote) {
		local = *n->local;
		remote = *n->remote;
	} else if (addr_local(&local, sock) == -1 ||
	           addr_remote(&remote, sock) == -1) {
		return -1;
	}
	if (n->host && setenv(CHAT_HOST, n->host, 1) == -1)
		return -1;
	return setenv("PROTO", proto, 1) == -1 ||
	               put_end(proto, "LOCAL", &local) == -1 ||
	               put_end(proto, "REMOTE", &remote) == -1
	           ? -1
	           : setenv(CHAT_ROLE, role, 1);
}

/* Move ready to a number dash can write to, and set the variable.  0, or -1. */
static int
place(int ready)
{
	char number[12];
	int fd = 5;

	while (fd >= 3 && fd_open(fd))
		fd--;
	if (fd < 3)
		fd = ready;
	snprintf(number, sizeof(number), "%d", fd);
	return fd_move(fd, ready) == -1 ? -1 : setenv(CHAT_READY_FD, number, 1);
}

void
exec_next(const struct exec_next *n, int sock, int ready, struct fault *f)
{
	if (environment(n, sock) == -1)
		fault_sys(f, X_SYS, "the connection is lost");
	else if ((ready != -1 && place(ready) == -1) ||
	         dup2(sock, CHAT_NET_IN) == -1 ||
	         dup2(sock, CHAT_NET_OUT) == -1)
		fault_sys(f, X_SYS, "cannot make descriptors");
	else {
		execvp(n->program[0], n->program);
		fault_sys(f, errno == ENOENT ? X_NONE : X_EXEC,
		    "cannot execute %s", n->program[0]);
	}
}
