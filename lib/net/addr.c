/* addr: the addresses of both ends of a socket.
 * SPDX-License-Identifier: ISC */
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "net/addr.h"

int
addr_local(struct addr *a, int fd)
{
	memset(a, 0, sizeof(*a));
	a->len = sizeof(a->ss);
	return getsockname(fd, (struct sockaddr *)&a->ss, &a->len);
}

int
addr_remote(struct addr *a, int fd)
{
	memset(a, 0, sizeof(*a));
	a->len = sizeof(a->ss);
	return getpeername(fd, (struct sockaddr *)&a->ss, &a->len);
}

/* Turn an IPv4-mapped IPv6 address into IPv4. */
static struct addr
plain(const struct addr *a)
{
	const struct sockaddr_in6 *six = (const void *)&a->ss;
	struct addr out = *a;
	struct sockaddr_in *four = (void *)&out.ss;

	if (a->ss.ss_family != AF_INET6 ||
	    !IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		return out;
	memset(&out, 0, sizeof(out));
	out.len = sizeof(*four);
	four->sin_family = AF_INET;
	four->sin_port = six->sin6_port;
	memcpy(&four->sin_addr, &six->sin6_addr.s6_addr[12], 4);
	return out;
}

void
addr_text(char out[static ADDR_TEXT], const struct addr *a)
{
	struct addr p = plain(a);

	if (getnameinfo((struct sockaddr *)&p.ss, p.len, out, ADDR_TEXT, NULL,
	        0, NI_NUMERICHOST) != 0)
		snprintf(out, ADDR_TEXT, "?");
}

int
addr_parse(struct addr *a, const char *text, struct fault *f)
{
	struct addrinfo hints = {
	    .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST};
	struct addrinfo *i;
	int err = getaddrinfo(text, NULL, &hints, &i);

	if (err == EAI_MEMORY)
		return fault_memory(f);
	if (err != 0)
		return fault(f, X_USE, "%s: no such address", text);
	*a = (struct addr){.len = i->ai_addrlen};
	memcpy(&a->ss, i->ai_addr, i->ai_addrlen);
	freeaddrinfo(i);
	return 0;
}

int
addr_port(const struct addr *a)
{
	/* The port is at the same place for both families. */
	return ntohs(((const struct sockaddr_in *)&a->ss)->sin_port);
}

int
addr_same(const struct addr *a, const struct addr *b)
{
	const struct sockaddr_in6 *six[2] = {
	    (const void *)&a->ss, (const void *)&b->ss};
	const struct sockaddr_in *four[2] = {
	    (const void *)&a->ss, (const void *)&b->ss};

	if (a->ss.ss_family != b->ss.ss_family || addr_port(a) != addr_port(b))
		return 0;
	if (a->ss.ss_family == AF_INET)
		return four[0]->sin_addr.s_addr == four[1]->sin_addr.s_addr;
	return six[0]->sin6_scope_id == six[1]->sin6_scope_id &&
	       memcmp(&six[0]->sin6_addr, &six[1]->sin6_addr, 16) == 0;
}

static int
wildcard(const struct addr *a)
{
	const struct sockaddr_in6 *six = (const void *)&a->ss;
	const struct sockaddr_in *four = (const void *)&a->ss;

	return a->ss.ss_family == AF_INET6
	           ? IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr)
	           : four->sin_addr.s_addr == htonl(INADDR_ANY);
}

/* Does the interface have an address of family that others can call? */
static int
callable(const struct ifaddrs *i, int family)
{
	const struct sockaddr_in6 *six = (const void *)i->ifa_addr;

	if (!i->ifa_addr || !(i->ifa_flags & IFF_UP) ||
	    i->ifa_flags & IFF_LOOPBACK)
		return 0;
	if (i->ifa_addr->sa_family == AF_INET)
		return family != AF_INET6;
	return i->ifa_addr->sa_family == AF_INET6 && family != AF_INET &&
	       !IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr);
}

int
addr_own(
    char out[static ADDR_OWN][ADDR_TEXT], const struct addr *at, int family)
{
	struct ifaddrs *all, *i;
	struct addr own;
	int n = 0;

	if (!wildcard(at)) {
		addr_text(out[0], at);
		return 1;
	}
	if (at->ss.ss_family == AF_INET)
		family = AF_INET;
	if (getifaddrs(&all) == -1)
		all = NULL;
	for (i = all; i && n < ADDR_OWN; i = i->ifa_next) {
		if (!callable(i, family))
			continue;
		own.len = i->ifa_addr->sa_family == AF_INET
		              ? sizeof(struct sockaddr_in)
		              : sizeof(struct sockaddr_in6);
		memcpy(&own.ss, i->ifa_addr, own.len);
		addr_text(out[n++], &own);
	}
	if (all)
		freeifaddrs(all);
	if (n == 0)
		snprintf(out[n++], ADDR_TEXT, "%s",
		    family == AF_INET6 ? "::1" : "127.0.0.1");
	return n;
}

void
addr_fill(
    char *out, size_t cap, const char *text, const char *address, int port)
{
	char digits[8], one[2] = "";
	const char *add;
	size_t n = 0;

	snprintf(digits, sizeof(digits), "%d", port);
	for (; *text; text++) {
		one[0] = *text;
		add = one;
		if (text[0] == '%' && (text[1] == 'a' || text[1] == 'p'))
			add = *++text == 'a' ? address : digits;
		if (n + strlen(add) >= cap)
			break;
		memcpy(out + n, add, strlen(add));
		n += strlen(add);
	}
	out[n] = '\0';
}

/* The bytes of an address that addr_near compares. */
static size_t
near(const struct addr *a, const uint8_t **p)
{
	const struct sockaddr_in6 *six = (const void *)&a->ss;
	const struct sockaddr_in *four = (const void *)&a->ss;
	int mapped = a->ss.ss_family == AF_INET6 &&
	             IN6_IS_ADDR_V4MAPPED(&six->sin6_addr);

	*p = a->ss.ss_family == AF_INET ? (const uint8_t *)&four->sin_addr
	                                : six->sin6_addr.s6_addr;
	if (mapped)
		*p += 12;
	return mapped || a->ss.ss_family == AF_INET ? 4 : 8;
}

int
addr_near(const struct addr *a, const struct addr *b)
{
	const uint8_t *p, *q;
	size_t n = near(a, &p);

	return n == near(b, &q) && memcmp(p, q, n) == 0;
}
