/* name: which names a peer may use, and what they become on this disk.
 * SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "base/be.h"
#include "base/vis.h"
#include "crypto/hash.h"
#include "file/name.h"

#define PART ".chat-part"

/* The length of the first name of a path. */
static size_t
first(const char *path, size_t len)
{
	const char *slash = memchr(path, '/', len);

	return slash ? (size_t)(slash - path) : len;
}

int
name_good(const char *path, size_t len, int name)
{
	size_t n;

	for (;; path += n + 1, len -= n + 1) {
		n = first(path, len);
		if (n == 0 || n > NAME_MOST || memchr(path, 0, n) ||
		    (path[0] == '.' && (n == 1 || (n == 2 && path[1] == '.'))))
			return 0;
		if (n == len)
			return 1;
		if (name)
			return 0;
	}
}

void
name_safe(char out[static NAME_MOST + 1], const char *name, size_t len)
{
	size_t at = 0, n;

	for (; len > 0 && at < NAME_MOST; name += n, len -= n) {
		n = vis_harm(name, len);
		out[at++] = n ? '_' : *name;
		n = n ? n : 1;
	}
	out[at] = '\0';
}

void
name_number(
    char out[static NAME_MOST + 1], const char *name, unsigned n, int folder)
{
	const char *ext = folder ? NULL : strrchr(name, '.');
	size_t len = strlen(name), stem;
	char number[16];

	if (n == 1) {
		memcpy(out, name, len + 1);
		return;
	}
	if (!ext || ext == name || strlen(ext) > 16)
		ext = name + len;
	stem = (size_t)(ext - name);
	snprintf(number, sizeof(number), " (%u)", n);
	if (len + strlen(number) > NAME_MOST)
		stem = vis_edge(name, NAME_MOST - strlen(number) - strlen(ext));
	snprintf(out, NAME_MOST + 1, "%.*s%s%s", (int)stem, name, number, ext);
}

void
name_part(char out[static NAME_MOST + 1], const char *name, uint64_t size,
    const char *key)
{
	char text[NAME_MOST + 32];
	uint8_t hash[HASH_BYTES];
	size_t len = strlen(name);
	struct hash h;
	int n;

	n = snprintf(
	    text, sizeof(text), "%llu %s", (unsigned long long)size, name);
	hash_begin(&h);
	/* The NUL separates the hashed texts. */
	hash_add(&h, text, (size_t)n + 1);
	hash_add(&h, key, strlen(key));
	hash_end(&h, hash);
	snprintf(out, NAME_MOST + 1, ".%.*s.%016llx" PART,
	    (int)(len > 200 ? vis_edge(name, 200) : len), name,
	    (unsigned long long)be64_get(hash));
}

int
name_is_part(const char *name, size_t len)
{
	size_t tail = sizeof(PART) - 1, i;

	if (len < tail + 18 || name[0] != '.' ||
	    memcmp(name + len - tail, PART, tail) != 0 ||
	    name[len - tail - 17] != '.')
		return 0;
	for (i = len - tail - 16; i < len - tail; i++)
		if (!strchr("0123456789abcdef", name[i]) || !name[i])
			return 0;
	return 1;
}

int
name_link(const char *path, size_t len, const char *target, size_t n)
{
	size_t depth = 0, at, i;

	for (i = 0; i < len; i++)
		depth += path[i] == '/';
	if (n == 0 || target[0] == '/' || memchr(target, 0, n))
		return 0;
	for (i = 0; n > 0; target += at, n -= at) {
		at = first(target, n);
		if (at == 2 && target[0] == '.' && target[1] == '.') {
			if (i || depth-- == 0)
				return 0;
		} else if (at > 0 && !(at == 1 && target[0] == '.')) {
			i = 1;
		}
		if (at < n)
			at++;
	}
	return 1;
}
