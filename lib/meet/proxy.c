/* proxy: the PROXY protocol, version 2, by which a load balancer names the
 * client.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/be.h"
#include "meet/proxy.h"

static const uint8_t magic[12] = {
    '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};

enum { LOCAL = 0x20, PROXY = 0x21, TCP4 = 0x11, TCP6 = 0x21 };

int
proxy_head(const uint8_t p[static PROXY_HEAD])
{
	if (memcmp(p, magic, sizeof(magic)) != 0 ||
	    (p[12] != LOCAL && p[12] != PROXY) || be16_get(p + 14) > PROXY_MAX)
		return -1;
	return be16_get(p + 14);
}

int
proxy_get(struct meet_addr *a, const uint8_t *p, size_t n)
{
	const uint8_t *at = p + PROXY_HEAD;

	if (p[12] == LOCAL)
		return 0;
	if (p[13] == TCP4) {
		if (n < 12)
			return -1;
		memset(a->ip, 0, 10);
		a->ip[10] = a->ip[11] = 0xff;
		memcpy(a->ip + 12, at, 4);
		a->port = be16_get(at + 8);
	} else if (p[13] == TCP6) {
		if (n < 36)
			return -1;
		memcpy(a->ip, at, 16);
		a->port = be16_get(at + 32);
	}
	return 0;
}
