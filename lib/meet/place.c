/* place: convert addresses between the wire's form and the kernel's.
 * SPDX-License-Identifier: ISC */
#include <netinet/in.h>
#include <string.h>

#include "meet/place.h"

void
place_get(struct meet_addr *m, const struct sockaddr_storage *ss)
{
	const struct sockaddr_in6 *six = (const void *)ss;
	const struct sockaddr_in *four = (const void *)ss;

	memset(m, 0, sizeof(*m));
	m->port = ntohs(six->sin6_port);
	if (ss->ss_family == AF_INET6) {
		memcpy(m->ip, &six->sin6_addr, 16);
		return;
	}
	m->ip[10] = m->ip[11] = 0xff;
	memcpy(m->ip + 12, &four->sin_addr, 4);
}

socklen_t
place_put(struct sockaddr_storage *ss, const struct meet_addr *m, int family)
{
	struct sockaddr_in6 *six = (void *)ss;
	struct sockaddr_in *four = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = (sa_family_t)family;
	six->sin6_port = htons(m->port);
	if (family == AF_INET6) {
		memcpy(&six->sin6_addr, m->ip, 16);
		return sizeof(*six);
	}
	if (!meet_is_v4(m))
		return 0;
	memcpy(&four->sin_addr, m->ip + 12, 4);
	return sizeof(*four);
}
