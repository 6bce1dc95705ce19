/* fwire: the messages between chat-file put and chat-file get (chat-wire(5),
 * FILES).
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "be.h"
#include "fwire.h"

/* What the body of each type holds: k kind 1, i item 4, m mode 2, t seconds 8
 * and nanoseconds 4, s size 8, c count 8, p length 2 and path, r the rest. */
static const char *
shape(uint8_t type)
{
	switch (type) {
	case FWIRE_OPEN:
	case FWIRE_BROKEN:
	case FWIRE_LOST:
	case FWIRE_HAVE:
		return "kr";
	case FWIRE_ITEM:
		return "kscr";
	case FWIRE_ASK:
	case FWIRE_SAME:
		return "isp";
	case FWIRE_FILE:
		return "imtscp";
	case FWIRE_HOLE:
	case FWIRE_DONE:
		return "s";
	case FWIRE_CLOSE:
		return "k";
	case FWIRE_ENTER:
		return "ip";
	case FWIRE_LEAVE:
		return "imtp";
	case FWIRE_LINK:
		return "itpr";
	case FWIRE_TAKE:
	case FWIRE_SUM:
		return "r";
	case FWIRE_KEEP:
		return "sc";
	case FWIRE_LAST:
	case FWIRE_BYTES:
		return "";
	default:
		return NULL;
	}
}

static uint8_t *
add(uint8_t *p, const void *from, size_t n)
{
	if (n > 0)
		memcpy(p, from, n);
	return p + n;
}

size_t
fwire_put(uint8_t *out, const struct fwire *m)
{
	uint8_t *p = out + FWIRE_HEAD;
	const char *s;

	for (s = shape(m->type); *s; s++) {
		switch (*s) {
		case 'k':
			*p++ = m->kind;
			break;
		case 'i':
			be32_put(p, m->item);
			p += 4;
			break;
		case 'm':
			be16_put(p, m->mode);
			p += 2;
			break;
		case 't':
			be64_put(p, (uint64_t)m->sec);
			be32_put(p + 8, m->nsec);
			p += 12;
			break;
		case 's':
			be64_put(p, m->size);
			p += 8;
			break;
		case 'c':
			be64_put(p, m->count);
			p += 8;
			break;
		case 'p':
			be16_put(p, (uint16_t)m->path_len);
			p = add(p + 2, m->path, m->path_len);
			break;
		default:
			p = add(p, m->rest, m->rest_len);
		}
	}
	out[0] = m->type;
	be32_put(out + 1, m->type == FWIRE_BYTES
	                      ? (uint32_t)m->size
	                      : (uint32_t)(p - out - FWIRE_HEAD));
	return (size_t)(p - out);
}

int32_t
fwire_body(const uint8_t head[static FWIRE_HEAD])
{
	uint32_t n = be32_get(head + 1);

	if (!shape(head[0]))
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
	size_t need;

	*m = (struct fwire){.type = head[0]};
	if (m->type == FWIRE_BYTES) {
		m->size = be32_get(head + 1);
		return 0;
	}
	for (s = shape(m->type); *s; s++) {
		need = *s == 'k'                ? 1
		       : *s == 'i'              ? 4
		       : *s == 't'              ? 12
		       : *s == 'r'              ? 0
		       : *s == 'm' || *s == 'p' ? 2
		                                : 8;
		if ((size_t)(end - p) < need)
			return -1;
		switch (*s) {
		case 'k':
			m->kind = *p;
			break;
		case 'i':
			m->item = be32_get(p);
			break;
		case 'm':
			m->mode = be16_get(p);
			break;
		case 't':
			m->sec = (int64_t)be64_get(p);
			m->nsec = be32_get(p + 8);
			break;
		case 's':
			m->size = be64_get(p);
			break;
		case 'c':
			m->count = be64_get(p);
			break;
		case 'p':
			m->path_len = be16_get(p);
			m->path = (const char *)p + 2;
			if (m->path_len > FWIRE_PATH ||
			    m->path_len > (size_t)(end - p) - 2)
				return -1;
			need += m->path_len;
			break;
		default:
			m->rest = (const char *)p;
			m->rest_len = need = (size_t)(end - p);
		}
		p += need;
	}
	return p == end && m->mode <= 0777 && m->nsec < 1000000000 && valid(m)
	           ? 0
	           : -1;
}
