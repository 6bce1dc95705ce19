/* udp: from a socket that gets everybody's datagrams, one for a single peer.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "net/udp.h"

enum { DELIVERY = 1000, ROUNDS = 8 }; /* ms; most rounds of draining */

void
udp_prepare(int fd)
{
	(void)fd_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
	(void)fd_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	(void)fd_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
}

int
udp_deaf(int fd, int on)
{
	struct sock_filter none = {.code = BPF_RET | BPF_K, .k = 0};
	struct sock_fprog program = {.len = 1, .filter = &none};

	return on ? setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
	                sizeof(program))
	          : fd_option(fd, SOL_SOCKET, SO_DETACH_FILTER, 0);
}

/* The address the datagram was sent to, with the listener's port. */
static void
called(struct addr *at, struct msghdr *m, int fd)
{
	struct sockaddr_in6 *six = (void *)&at->ss;
	struct sockaddr_in *four = (void *)&at->ss;
	struct cmsghdr *c;
	struct in6_pktinfo i6;
	struct in_pktinfo i4;

	(void)addr_local(at, fd);
	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&i6, CMSG_DATA(c), sizeof(i6));
			six->sin6_addr = i6.ipi6_addr;
			if (IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr))
				six->sin6_scope_id = i6.ipi6_ifindex;
		} else if (c->cmsg_level == IPPROTO_IP &&
		           c->cmsg_type == IP_PKTINFO &&
		           at->ss.ss_family == AF_INET) {
			memcpy(&i4, CMSG_DATA(c), sizeof(i4));
			four->sin_addr = i4.ipi_spec_dst;
		}
	}
}

ssize_t
udp_read(int fd, void *p, size_t cap, struct addr *peer, struct addr *at)
{
	_Alignas(struct cmsghdr) char control[256];
	struct iovec v = {.iov_base = p, .iov_len = cap};
	struct msghdr m = {.msg_name = &peer->ss,
	    .msg_namelen = sizeof(peer->ss),
	    .msg_iov = &v,
	    .msg_iovlen = 1,
	    .msg_control = control,
	    .msg_controllen = sizeof(control)};
	ssize_t n;

	memset(peer, 0, sizeof(*peer));
	n = recvmsg(fd, &m, MSG_DONTWAIT);
	if (n == -1)
		return -1;
	peer->len = m.msg_namelen;
	called(at, &m, fd);
	return n;
}

/* A socket bound at that address and port. */
static int
socket_at(const struct addr *at, int port)
{
	struct addr a = *at;
	int fd;

	fd = fd_high(socket(a.ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	if (fd == -1)
		return -1;
	((struct sockaddr_in *)&a.ss)->sin_port = htons((uint16_t)port);
	if (a.ss.ss_family == AF_INET6)
		(void)fd_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	(void)fd_option(fd, SOL_SOCKET, SO_REUSEPORT, port != 0);
	return bind(fd, (struct sockaddr *)&a.ss, a.len) == 0 ? fd
	                                                      : fd_drop(fd);
}

static int
connect_to(int fd, const struct addr *a)
{
	return connect(fd, (const struct sockaddr *)&a->ss, a->len);
}

/* Read the peer's next datagram in all; drop those of others.  -1: no more. */
static ssize_t
next_of(int all, const struct addr *peer, void *p, size_t cap)
{
	struct addr from, at;
	ssize_t n;

	do
		n = udp_read(all, p, cap, &from, &at);
	while (n != -1 && !addr_same(&from, peer));
	return n;
}

/* Before fd was connected to the helper it got everybody's datagrams: read
 * those up to the helper's first, and have it send the peer's again. */
static int
sort_out(int fd, int helper, const struct addr *its, const struct addr *peer)
{
	static char buf[65536];
	struct addr from = {.len = sizeof(from.ss)};
	ssize_t n;

	while (io_wait(fd, POLLIN, clock_ms() + DELIVERY) > 0) {
		from.len = sizeof(from.ss);
		if (recvfrom(fd, buf, 1, MSG_PEEK, (struct sockaddr *)&from.ss,
		        &from.len) == -1)
			return -1;
		if (addr_same(&from, its))
			return 0;
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (n != -1 && addr_same(&from, peer) &&
		    send(helper, buf, (size_t)n, 0) == -1)
			return -1;
	}
	errno = ETIMEDOUT;
	return -1;
}

/* Have the helper send p, n bytes; with drain also the peer's other datagrams
 * in all, until none are left. */
static int
pass_on(int fd, int helper, int all, const struct addr *peer, void *p,
    ssize_t n, size_t cap, int drain)
{
	struct addr its;
	int round;

	if (addr_local(&its, helper) == -1)
		return -1;
	for (round = 0; n != -1 && round < ROUNDS; round++) {
		/* While fd is connected to the helper, the peer's datagrams go
		 * to all. */
		if (connect_to(fd, &its) == -1)
			return -1;
		while (n != -1) {
			if (send(helper, p, (size_t)n, 0) == -1)
				return -1;
			n = drain ? next_of(all, peer, p, cap) : -1;
		}
		if ((round == 0 && sort_out(fd, helper, &its, peer) == -1) ||
		    connect_to(fd, peer) == -1)
			return -1;
		if (drain)
			n = next_of(all, peer, p, cap);
	}
	return 0;
}

int
udp_socket(int all, const struct addr *at, const struct addr *peer, void *p,
    size_t n, size_t cap, int drain)
{
	int fd = socket_at(at, addr_port(at)), helper = socket_at(at, 0);
	struct addr own;
	int good =
	    fd != -1 && helper != -1 && addr_local(&own, fd) == 0 &&
	    connect_to(helper, &own) == 0 &&
	    pass_on(fd, helper, all, peer, p, (ssize_t)n, cap, drain) == 0;

	(void)fd_drop(helper);
	return good ? fd : fd_drop(fd);
}
