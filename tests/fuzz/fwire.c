/* fuzz/fwire: a message of chat-file, and what becomes of its path and names.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "fname.h"
#include "fuzz.h"
#include "fwire.h"

/* What a path leaves on disk has nothing in it that moves. */
static void
path(const char *p, size_t n)
{
	char name[FNAME_MAX + 1], again[FNAME_MAX + 1];
	unsigned i;

	if (!p || !fname_good(p, n, 1))
		return;
	fname_safe(name, p, n);
	MUST(fname_good(name, strlen(name), 1));
	fname_safe(again, name, strlen(name));
	MUST(strcmp(again, name) == 0);
	for (i = 1; i < 4; i++) {
		fname_number(again, name, i * i * i * i, i & 1);
		MUST(fname_good(again, strlen(again), 1));
	}
	fname_part(again, name, n);
	MUST(fname_is_part(again, strlen(again)));
	MUST(fname_good(again, strlen(again), 1));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t out[FWIRE_HEAD + FWIRE_BODY];
	struct fwire m;
	int32_t body;

	if (n < FWIRE_HEAD || (body = fwire_body(data)) == -1)
		return 0;
	n -= FWIRE_HEAD;
	if (fwire_get(&m, data, data + FWIRE_HEAD,
	        n < (size_t)body ? n : (size_t)body) == -1)
		return 0;
	if (n >= (size_t)body) {
		MUST(fwire_put(out, &m) == FWIRE_HEAD + (size_t)body);
		MUST(memcmp(out, data, FWIRE_HEAD + (size_t)body) == 0);
	}
	path(m.rest, m.rest_len);
	path(m.path, m.path_len);
	if (m.path)
		(void)fname_good(m.path, m.path_len, 0);
	if (m.type == FWIRE_LINK)
		(void)fname_link(m.path, m.path_len, m.rest, m.rest_len);
	return 0;
}
