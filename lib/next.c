/* next: the program that gets the socket.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "addr.h"
#include "fds.h"
#include "next.h"

void
next_forget(void)
{
	static const char *const old[] = {"CHAT_READY_FD", "CHAT_HOST",
	    "CHAT_ROLE", "CHAT_PEER", "CHAT_PEERKEY"};
	size_t i;

	for (i = 0; i < sizeof(old) / sizeof(*old); i++)
		unsetenv(old[i]);
}

/* Set PROTO's variable, or unset it. */
static int
put(const char *proto, const char *name, const char *value)
{
	char full[32];

	snprintf(full, sizeof(full), "%s%s", proto, name);
	return value ? setenv(full, value, 1) : unsetenv(full);
}

static int
put_end(const char *proto, const char *which, const struct addr *a)
{
	char text[ADDR_TEXT], name[16];

	addr_text(text, a);
	snprintf(name, sizeof(name), "%sIP", which);
	if (put(proto, name, text) == -1)
		return -1;
	snprintf(name, sizeof(name), "%sPORT", which);
	snprintf(text, sizeof(text), "%d", addr_port(a));
	return put(proto, name, text);
}

static int
environment(const struct next *n, int sock)
{
	const char *proto = n->udp ? "UDP" : "TCP";
	struct addr local, remote;

	if (addr_local(&local, sock) == -1 || addr_remote(&remote, sock) == -1)
		return -1;
	/* What UCSPI may say further was about another connection. */
	put(proto, "LOCALHOST", NULL);
	put(proto, "REMOTEHOST", NULL);
	put(proto, "REMOTEINFO", NULL);
	if (n->host && setenv("CHAT_HOST", n->host, 1) == -1)
		return -1;
	return setenv("PROTO", proto, 1) == -1 ||
	               put_end(proto, "LOCAL", &local) == -1 ||
	               put_end(proto, "REMOTE", &remote) == -1
	           ? -1
	           : setenv("CHAT_ROLE",
	                 n->listener ? "responder" : "initiator", 1);
}

/* Put ready where dash can write to it, and say where.  0, or -1. */
static int
place(int ready)
{
	char number[12];
	int fd = 5;

	while (fd >= 3 && fds_open(fd))
		fd--;
	if (fd < 3)
		fd = ready;
	snprintf(number, sizeof(number), "%d", fd);
	return fds_move(fd, ready) == -1 ? -1
	                                 : setenv("CHAT_READY_FD", number, 1);
}

void
next_exec(const struct next *n, int sock, int ready, struct fault *f)
{
	if (environment(n, sock) == -1)
		fault_sys(f, X_SYS, "the connection is lost");
	else if ((ready != -1 && place(ready) == -1) || dup2(sock, 6) == -1 ||
	         dup2(sock, 7) == -1)
		fault_sys(f, X_SYS, "cannot make descriptors");
	else {
		execvp(n->program[0], n->program);
		fault_sys(f, errno == ENOENT ? X_NONE : X_EXEC,
		    "cannot execute %s", n->program[0]);
	}
}
