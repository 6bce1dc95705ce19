/* fuzz/filemsg: a message of chat-file, and what becomes of its path and names.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "file/name.h"
#include "fuzz.h"
#include "wire/filemsg.h"

/* What a path leaves on disk has nothing in it that moves. */
static void
path(const char *p, size_t n)
{
	char name[NAME_MOST + 1], again[NAME_MOST + 1];
	unsigned i;

	if (!p || !name_good(p, n, 1))
		return;
	name_safe(name, p, n);
	MUST(name_good(name, strlen(name), 1));
	name_safe(again, name, strlen(name));
	MUST(strcmp(again, name) == 0);
	for (i = 1; i < 4; i++) {
		name_number(again, name, i * i * i * i, i & 1);
		MUST(name_good(again, strlen(again), 1));
	}
	name_part(again, name, n, "k");
	MUST(name_is_part(again, strlen(again)));
	MUST(name_good(again, strlen(again), 1));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t out[FILEMSG_HEAD + FILEMSG_BODY];
	struct filemsg m;
	int32_t body;

	if (n < FILEMSG_HEAD || (body = filemsg_body(data)) == -1)
		return 0;
	n -= FILEMSG_HEAD;
	if (filemsg_get(&m, data, data + FILEMSG_HEAD,
	        n < (size_t)body ? n : (size_t)body) == -1)
		return 0;
	if (n >= (size_t)body) {
		MUST(filemsg_put(out, &m) == FILEMSG_HEAD + (size_t)body);
		MUST(memcmp(out, data, FILEMSG_HEAD + (size_t)body) == 0);
	}
	path(m.rest, m.rest_len);
	path(m.path, m.path_len);
	if (m.path)
		(void)name_good(m.path, m.path_len, 0);
	if (m.type == FILEMSG_LINK)
		(void)name_link(m.path, m.path_len, m.rest, m.rest_len);
	return 0;
}
