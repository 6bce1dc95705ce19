/* plain: does this text leave a terminal alone?
 * SPDX-License-Identifier: ISC */
#include "base/plain.h"

int
plain_text(const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] == '\r' && (i + 1 == n || p[i + 1] == '\n'))
			continue;
		if ((p[i] < 0x20 && p[i] != '\n' && p[i] != '\t') ||
		    p[i] == 0x7f)
			return 0;
		if (p[i] == 0xc2 && i + 1 < n && p[i + 1] < 0xa0)
			return 0;
	}
	return 1;
}
