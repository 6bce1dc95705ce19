/* fuzz/anyorder: frames in any order, with the time going on by what the last
 * byte of a frame's time says.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "fuzz.h"
#include "wire/anyorder.h"

static const char kinds[] = "tjiabk";

/* Each message once, in order. */
static void
drain(struct anyorder *l, int64_t now, uint64_t next[static ANYORDER_KINDS])
{
	struct message m;
	uint64_t *n;

	while (anyorder_next(l, &m, now) == 1) {
		MUST(m.kind != 0 && strchr(kinds, m.kind));
		n = &next[strchr(kinds, m.kind) - kinds];
		MUST(m.number >= *n && m.n <= FRAME_MESSAGE);
		*n = (uint64_t)m.number + 1;
	}
	MUST(anyorder_due(l) > now);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint64_t next[ANYORDER_KINDS] = {0};
	struct anyorder *l = anyorder_new(kinds);
	static struct frame_in in;
	struct frame f;
	int64_t now = 0;
	int r;

	in.have = 0;
	while (frame_feed(&in, &data, &n, &f) == 1) {
		now += (int64_t)(f.time & 0xff);
		f.time = 0;
		/* Wrapping numbers are for the unit test. */
		f.number &= 0x3fffffff;
		do {
			r = anyorder_take(l, &f, in.buf + FRAME_HEAD, now);
			MUST(r == 0 || r == 1);
			drain(l, now, next);
		} while (r == 1);
	}
	anyorder_end(l);
	drain(l, now, next);
	anyorder_free(l);
	return 0;
}
