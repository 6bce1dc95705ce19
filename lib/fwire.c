/* fwire: the messages between chat-file put and chat-file get (chat-wire(5),
 * FILES).
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "be.h"
#include "fwire.h"

/* What the body of each type holds: the numbers below, p length 2 and path, r
 * the rest. */
static const char *const shape[256] = {
    [FWIRE_OPEN] = "kr",
    [FWIRE_BROKEN] = "kr",
    [FWIRE_ITEM] = "kscr",
    [FWIRE_LAST] = "",
    [FWIRE_ASK] = "isp",
    [FWIRE_FILE] = "imtnscp",
    [FWIRE_BYTES] = "",
    [FWIRE_HOLE] = "s",
    [FWIRE_CLOSE] = "k",
    [FWIRE_SAME] = "isp",
    [FWIRE_ENTER] = "ip",
    [FWIRE_LEAVE] = "imtnp",
    [FWIRE_LINK] = "itnpr",
    [FWIRE_DONE] = "s",
    [FWIRE_TAKE] = "r",
    [FWIRE_HAVE] = "kr",
    [FWIRE_SUM] = "r",
    [FWIRE_LOST] = "kr",
    [FWIRE_KEEP] = "sc",
};

/* How many bytes a number has on the wire, and where struct fwire has it. */
static const struct {
	uint8_t bytes, at;
} number[128] = {
    ['k'] = {1, offsetof(struct fwire, kind)},
    ['i'] = {4, offsetof(struct fwire, item)},
    ['m'] = {2, offsetof(struct fwire, mode)},
    ['t'] = {8, offsetof(struct fwire, sec)},
    ['n'] = {4, offsetof(struct fwire, nsec)},
    ['s'] = {8, offsetof(struct fwire, size)},
    ['c'] = {8, offsetof(struct fwire, count)},
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
fwire_put(uint8_t *out, const struct fwire *m)
{
	uint8_t *p = out + FWIRE_HEAD;
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
	n = m->type == FWIRE_BYTES ? m->size : (size_t)(p - out) - FWIRE_HEAD;
	out[0] = m->type;
	be32_put(out + 1, (uint32_t)n);
	return (size_t)(p - out);
}

int32_t
fwire_body(const uint8_t head[static FWIRE_HEAD])
{
	uint32_t n = be32_get(head + 1);

	if (!shape[head[0]])
		return -1;
	if (head[0] == FWIRE_BYTES)
		return n > 0 && n <= FWIRE_DATA ? 0 : -1;
	return n <= FWIRE_BODY ? (int32_t)n : -1;
}

/* What the numbers of a type may be. */
static int
valid(const struct fwire *m)
{
	switch (m->type) {
	case FWIRE_OPEN:
		return m->kind == 'p' || m->kind == 'g';
	case FWIRE_ITEM:
		return m->kind == FWIRE_PLAIN || m->kind == FWIRE_FOLDER ||
		       m->kind == FWIRE_ATLEAST;
	case FWIRE_FILE:
		return m->count <= m->size && m->size <= INT64_MAX;
	case FWIRE_CLOSE:
		return m->kind <= 1;
	case FWIRE_LINK:
		return m->rest_len > 0 && m->rest_len <= FWIRE_PATH;
	case FWIRE_HAVE:
		return m->kind <= 1 && m->rest_len % 8 == 0 &&
		       m->rest_len <= 8 * FWIRE_KEPT;
	case FWIRE_SUM:
		return m->rest_len == HASH_BYTES;
	case FWIRE_TAKE:
		return m->rest_len > 0 && m->rest_len <= FWIRE_ITEMS / 8;
	case FWIRE_BROKEN:
	case FWIRE_LOST:
		return m->rest_len <= FWIRE_TEXT;
	default:
		return 1;
	}
}

int
fwire_get(struct fwire *m, const uint8_t head[static FWIRE_HEAD],
    const uint8_t *body, size_t n)
{
	const uint8_t *p = body, *end = body + n;
	const char *s;
	uint64_t value;
	int i, bytes;

	*m = (struct fwire){.type = head[0]};
	if (m->type == FWIRE_BYTES)
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
		if (value > FWIRE_PATH || value > (size_t)(end - p))
			return -1;
		p += value;
	}
	return p == end && m->mode <= 0777 && m->nsec < 1000000000 && valid(m)
	           ? 0
	           : -1;
}
