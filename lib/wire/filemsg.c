/* filemsg: the messages between chat-file put and chat-file get (chat-wire(5),
 * FILES).
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/be.h"
#include "wire/filemsg.h"

/* The body of each type: a letter for each number (below); p: a path, its
 * length in 2 bytes first; r: the rest. */
static const char *const shape[256] = {
    [FILEMSG_FIRST] = "kr",
    [FILEMSG_BROKEN] = "kr",
    [FILEMSG_ITEM] = "kscer",
    [FILEMSG_OFFERED] = "",
    [FILEMSG_QUESTION] = "ispr",
    [FILEMSG_NEW] = "imtnscp",
    [FILEMSG_DATA] = "",
    [FILEMSG_ZEROS] = "s",
    [FILEMSG_CLOSE] = "k",
    [FILEMSG_WHOLE] = "isp",
    [FILEMSG_MAKE] = "ip",
    [FILEMSG_END] = "imtnp",
    [FILEMSG_LINK] = "itnpr",
    [FILEMSG_EXIT] = "s",
    [FILEMSG_ACCEPT] = "r",
    [FILEMSG_HAVE] = "ks",
    [FILEMSG_SUM] = "r",
    [FILEMSG_PROBLEM] = "kr",
    [FILEMSG_KEPT] = "sc",
};

/* For each letter: bytes on the wire, place of its uint64_t in struct filemsg. */
static const struct {
	uint8_t bytes, at;
} number[128] = {
    ['k'] = {1, offsetof(struct filemsg, kind)},
    ['i'] = {4, offsetof(struct filemsg, item)},
    ['m'] = {2, offsetof(struct filemsg, mode)},
    ['t'] = {8, offsetof(struct filemsg, sec)},
    ['n'] = {4, offsetof(struct filemsg, nsec)},
    ['s'] = {8, offsetof(struct filemsg, size)},
    ['c'] = {8, offsetof(struct filemsg, count)},
    ['e'] = {8, offsetof(struct filemsg, entries)},
};

static uint8_t *
put_number(uint8_t *p, int bytes, uint64_t n)
{
	while (bytes-- > 0)
		*p++ = (uint8_t)(n >> 8 * bytes);
	return p;
}

static uint8_t *
put_text(uint8_t *p, const char *text, size_t n)
{
	if (n > 0)
		memcpy(p, text, n);
	return p + n;
}

size_t
filemsg_put(uint8_t *out, const struct filemsg *m)
{
	uint8_t *p = out + FILEMSG_HEAD;
	const char *s;
	uint64_t n;
	int i;

	for (s = shape[m->type]; *s; s++) {
		i = *s;
		if (number[i].bytes) {
			memcpy(&n, (const char *)m + number[i].at, sizeof(n));
			p = put_number(p, number[i].bytes, n);
		} else if (i == 'p') {
			p = put_number(p, 2, m->path_len);
			p = put_text(p, m->path, m->path_len);
		} else {
			p = put_text(p, m->rest, m->rest_len);
		}
	}
	n = m->type == FILEMSG_DATA ? m->size
	                            : (size_t)(p - out) - FILEMSG_HEAD;
	out[0] = m->type;
	be32_put(out + 1, (uint32_t)n);
	return (size_t)(p - out);
}

int32_t
filemsg_body(const uint8_t head[static FILEMSG_HEAD])
{
	uint32_t n = be32_get(head + 1);

	if (!shape[head[0]])
		return -1;
	if (head[0] == FILEMSG_DATA)
		return n > 0 && n <= FILEMSG_PIECE ? 0 : -1;
	return n <= FILEMSG_BODY ? (int32_t)n : -1;
}

/* Are the numbers in the range of their type? */
static int
valid(const struct filemsg *m)
{
	switch (m->type) {
	case FILEMSG_FIRST:
		return m->kind == 'p' || m->kind == 'g';
	case FILEMSG_ITEM:
		return m->kind == FILEMSG_PLAIN || m->kind == FILEMSG_FOLDER ||
		       m->kind == FILEMSG_ATLEAST;
	case FILEMSG_NEW:
		return m->count <= m->size && m->size <= INT64_MAX;
	case FILEMSG_CLOSE:
		return m->kind <= 1;
	case FILEMSG_LINK:
		return m->rest_len > 0 && m->rest_len <= FILEMSG_PATH;
	case FILEMSG_HAVE:
		return m->kind <= FILEMSG_PART &&
		       (m->kind == FILEMSG_PART) == (m->size > 0);
	case FILEMSG_QUESTION:
	case FILEMSG_SUM:
		return m->rest_len == HASH_BYTES;
	case FILEMSG_ACCEPT:
		return m->rest_len > 0 && m->rest_len <= FILEMSG_ITEMS / 8;
	case FILEMSG_BROKEN:
	case FILEMSG_PROBLEM:
		return m->rest_len <= FILEMSG_TEXT;
	default:
		return 1;
	}
}

int
filemsg_get(struct filemsg *m, const uint8_t head[static FILEMSG_HEAD],
    const uint8_t *body, size_t n)
{
	const uint8_t *p = body, *end = body + n;
	const char *s;
	uint64_t value;
	int i, bytes;

	*m = (struct filemsg){.type = head[0]};
	if (m->type == FILEMSG_DATA)
		m->size = be32_get(head + 1);
	for (s = shape[m->type]; *s; s++) {
		i = *s;
		if (i == 'r') {
			m->rest = (const char *)p;
			m->rest_len = (size_t)(end - p);
			p = end;
			break;
		}
		bytes = i == 'p' ? 2 : number[i].bytes;
		if (end - p < bytes)
			return -1;
		for (value = 0; bytes > 0; bytes--)
			value = value << 8 | *p++;
		if (i != 'p') {
			memcpy((char *)m + number[i].at, &value, sizeof(value));
			continue;
		}
		m->path = (const char *)p;
		m->path_len = value;
		if (value > FILEMSG_PATH || value > (size_t)(end - p))
			return -1;
		p += value;
	}
	return p == end && m->mode <= 0777 && m->nsec < 1000000000 && valid(m)
	           ? 0
	           : -1;
}
