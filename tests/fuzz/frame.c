/* fuzz/frame: a stream of frames, in one piece and a byte at a time.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "fuzz.h"
#include "wire/inorder.h"

/* A sum over what came out, so that two ways can be compared. */
static uint64_t
feed(const uint8_t *data, size_t n, size_t step, int *bad)
{
	static struct inorder w;
	const uint8_t *p;
	struct message m;
	struct fault f;
	uint64_t sum = 0;
	size_t part, i;
	int r = 0;

	for (i = 0; i < INORDER_KINDS; i++)
		free(w.kind[i].buf);
	memset(&w, 0, sizeof(w));
	for (; n > 0 && r != -1; n -= part, data += part) {
		part = step < n ? step : n;
		p = data;
		i = part;
		while ((r = inorder_feed(&w, &p, &i, &m, &f)) == 1) {
			MUST(m.n <= FRAME_MESSAGE);
			sum = sum * 31 + m.kind + m.n + m.time + m.number;
			for (size_t j = 0; j < m.n; j++)
				sum = sum * 31 + m.data[j];
		}
		MUST(r == -1 || i == 0);
	}
	*bad = r == -1;
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t head[FRAME_HEAD];
	struct frame f;
	uint64_t sum;
	int bad, bad2;

	if (n >= FRAME_HEAD && frame_get(&f, data) == 0) {
		frame_put(head, &f);
		MUST(memcmp(head, data, FRAME_HEAD) == 0);
		MUST(f.len <= FRAME_DATA && f.piece < f.pieces);
	}
	sum = feed(data, n, n, &bad);
	MUST(sum == feed(data, n, 1, &bad2) && bad == bad2);
	return 0;
}
