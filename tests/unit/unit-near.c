/* Which callers count as one address.
 * SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "net/addr.h"
#include "tap.h"

static struct addr
at(const char *text, int port)
{
	struct addr a = {0};
	struct sockaddr_in6 *six = (void *)&a.ss;
	struct sockaddr_in *four = (void *)&a.ss;
	int v6 = strchr(text, ':') != NULL;

	a.ss.ss_family = v6 ? AF_INET6 : AF_INET;
	a.len = v6 ? sizeof(*six) : sizeof(*four);
	four->sin_port = htons((uint16_t)port);
	inet_pton(a.ss.ss_family, text,
	    v6 ? (void *)&six->sin6_addr : (void *)&four->sin_addr);
	return a;
}

static void
near(int want, const char *one, const char *other)
{
	struct addr a = at(one, 1), b = at(other, 2);

	ok(addr_near(&a, &b) == want && addr_near(&b, &a) == want, "%s %s %s",
	    one, want ? "and" : "not", other);
}

int
main(void)
{
	near(1, "192.0.2.1", "192.0.2.1");
	near(0, "192.0.2.1", "192.0.2.2");
	near(1, "::ffff:192.0.2.1", "192.0.2.1");
	near(0, "::ffff:192.0.2.1", "::ffff:192.0.2.2");
	near(1, "2001:db8::1", "2001:db8::ffff:2");
	near(0, "2001:db8::1", "2001:db8:0:1::1");
	near(0, "::1", "192.0.2.1");
	near(0, "::1", "::ffff:192.0.2.1");
	return done();
}
