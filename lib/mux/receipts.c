/* receipts: the lines that were sent and not yet confirmed as shown.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "mux/receipts.h"

void
receipts_add(struct receipts *r, const uint8_t *p, size_t n)
{
	uint32_t at = r->sent++ % RECEIPTS_KEPT;

	if (n > 0 && p[n - 1] == '\n')
		n--;
	if (n > RECEIPTS_BYTES)
		n = RECEIPTS_BYTES;
	r->line[at].n = n;
	if (n > 0)
		memcpy(r->line[at].text, p, n);
}

void
receipts_confirm(struct receipts *r, uint32_t number)
{
	uint32_t more = number + 1 - r->shown;

	if (more <= receipts_left(r))
		r->shown += more;
}

uint32_t
receipts_left(const struct receipts *r)
{
	return r->sent - r->shown;
}

const char *
receipts_line(const struct receipts *r, uint32_t back, size_t *n)
{
	uint32_t at = (r->sent - back) % RECEIPTS_KEPT;

	if (back == 0 || back > RECEIPTS_KEPT || back > receipts_left(r))
		return NULL;
	*n = r->line[at].n;
	return r->line[at].text;
}
