/* fuzz/render: a peer's text and name, made harmless and shown in parts.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/vis.h"
#include "fuzz.h"
#include "mux/render.h"

enum { TEXT = 8192 };

/* Nothing in it acts on a terminal. */
static void
harmless(const char *p, size_t n)
{
	uint32_t c;
	size_t len;

	for (; n > 0; p += len, n -= len) {
		len = vis_char(p, n, &c);
		MUST(len > 0 && (*p == '\t' || vis_harm(p, n) == 0));
	}
}

/* In as many parts as it takes.  Its length. */
static size_t
show(char *out, size_t cap, const struct render_how *how,
    const struct message *m, size_t part)
{
	struct render r = {0};
	size_t at = 0, n;

	render_begin(&r, how, m);
	while (render_busy(&r)) {
		MUST(at + part <= cap);
		n = render_next(&r, out + at, part);
		MUST(n <= part && (n > 0 || !render_busy(&r)));
		at += n;
	}
	MUST(render_next(&r, out + at, part) == 0);
	return at;
}

/* data: how, the length of the name, eight bytes of the time; name and text. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char whole[64 * 1024], parts[64 * 1024], again[64 * 1024];
	struct render_how how = {.format = "%H:%M:%S"};
	struct message m = {.kind = FRAME_TEXT};
	char name[256];
	size_t a, b, name_n;

	if (n < 10)
		return 0;
	how.raw = data[0] & 1;
	how.own = data[0] >> 1 & 1;
	if (data[0] & 4)
		how.format = data[0] & 8 ? "" : "%Y-%m-%dT%H:%M:%S%z %A %c";
	memcpy(&m.time, data + 2, sizeof(m.time));
	name_n = data[1] < n - 10 ? data[1] : n - 10;
	memcpy(name, data + 10, name_n);
	name[name_n] = '\0';
	data += 10 + name_n;
	n -= 10 + name_n;
	m.data = data;
	m.n = n < TEXT ? n : TEXT;

	render_name(&how, name);
	MUST(*how.name && strlen(how.name) < RENDER_NAME);
	harmless(how.name, strlen(how.name));
	a = show(whole, sizeof(whole), &how, &m, sizeof(whole));
	b = show(parts, sizeof(parts), &how, &m, RENDER_LEAST);
	if (how.raw) {
		MUST(a == m.n && a == b);
		MUST(a == 0 || memcmp(whole, m.data, a) == 0);
		return 0;
	}
	MUST(a > 0 && whole[a - 1] == '\n' && parts[b - 1] == '\n');
	harmless(whole, a - 1);
	harmless(parts, b - 1);
	MUST(a == b && memcmp(whole, parts, a) == 0);
	/* What is harmless stays as it is. */
	b = vis_text(again, sizeof(again), whole, a - 1);
	MUST(b == a - 1 && memcmp(again, whole, b) == 0);
	return 0;
}
