/* lan: ask all machines on the local network, by multicast.
 * SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "meet/lan.h"
#include "meet/meet.h"

enum { INTERFACES = 32 };

/* The interfaces to ask on.  How many. */
static int
interfaces(int out[static INTERFACES])
{
	struct ifaddrs *all, *i;
	int n = 0, k, index;

	if (getifaddrs(&all) == -1)
		return 0;
	for (i = all; i && n < INTERFACES; i = i->ifa_next) {
		if (!(i->ifa_flags & IFF_UP) ||
		    !(i->ifa_flags & IFF_MULTICAST) ||
		    i->ifa_flags & IFF_LOOPBACK)
			continue;
		index = (int)if_nametoindex(i->ifa_name);
		for (k = 0; k < n && out[k] != index; k++)
			;
		if (index && k == n)
			out[n++] = index;
	}
	freeifaddrs(all);
	return n;
}

/* The group's address and port. */
static socklen_t
group(struct sockaddr_storage *ss, int family)
{
	struct sockaddr_in6 *six = (void *)ss;
	struct sockaddr_in *four = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = (sa_family_t)family;
	four->sin_port = htons(MEET_PORT);
	if (family == AF_INET) {
		(void)inet_pton(AF_INET, "239.255.24.28", &four->sin_addr);
		return sizeof(*four);
	}
	(void)inet_pton(AF_INET6, "ff02::2428", &six->sin6_addr);
	return sizeof(*six);
}

/* Join the group on all interfaces.  On how many that worked. */
static int
join(int fd, int family)
{
	int index[INTERFACES], n = interfaces(index), i, good = 0;
	struct sockaddr_storage ss;
	struct ip_mreqn four = {0};
	struct ipv6_mreq six;

	(void)group(&ss, family);
	four.imr_multiaddr = ((struct sockaddr_in *)&ss)->sin_addr;
	six.ipv6mr_multiaddr = ((struct sockaddr_in6 *)&ss)->sin6_addr;
	for (i = 0; i < n; i++) {
		four.imr_ifindex = index[i];
		six.ipv6mr_interface = (unsigned)index[i];
		good += (family == AF_INET
		                ? setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP,
		                      &four, sizeof(four))
		                : setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP,
		                      &six, sizeof(six))) == 0;
	}
	return good;
}

int
lan_open(int family, int listener)
{
	int fd = fd_high(
	    socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	struct sockaddr_storage ss;
	socklen_t len = group(&ss, family);

	if (fd == -1)
		return -1;
	if (family == AF_INET6) {
		(void)fd_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
		(void)fd_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1);
		((struct sockaddr_in6 *)&ss)->sin6_addr = in6addr_any;
	} else {
		(void)fd_option(fd, IPPROTO_IP, IP_MULTICAST_TTL, 1);
	}
	if (!listener)
		return fd;
	/* Other listeners of this machine may use the port, too. */
	(void)fd_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, (struct sockaddr *)&ss, len) == -1 ||
	    join(fd, family) == 0)
		return fd_drop(fd);
	return fd;
}

void
lan_ask(int fd, int family, const void *p, size_t n)
{
	int index[INTERFACES], count = interfaces(index), i;
	struct sockaddr_storage ss;
	socklen_t len = group(&ss, family);
	struct ip_mreqn four = {0};

	for (i = 0; i < count; i++) {
		four.imr_ifindex = index[i];
		if (family == AF_INET)
			(void)setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &four,
			    sizeof(four));
		else
			(void)fd_option(
			    fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, index[i]);
		(void)sendto(fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL,
		    (struct sockaddr *)&ss, len);
	}
}
