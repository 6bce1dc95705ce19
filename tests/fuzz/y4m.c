/* fuzz/y4m: a YUV4MPEG2 stream's line, or a picture's, and back.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "fuzz.h"
#include "wire/y4m.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *line = (const char *)data, *why;
	char out[Y4M_LINE];
	struct y4m y, again;
	uint64_t time, same;

	if (y4m_head_get(&y, line, n, &why) == 0) {
		MUST(y.w >= Y4M_LEAST && y.w <= Y4M_MOST);
		MUST(y.h >= Y4M_LEAST && y.h <= Y4M_MOST);
		MUST(y4m_bytes(&y) <= 96u << 20);
		MUST(!y.num == !y.den && !y.anum == !y.aden);
		n = y4m_head_put(out, &y);
		MUST(n < sizeof(out) && out[n - 1] == '\n');
		MUST(y4m_head_get(&again, out, n, &why) == 0);
		MUST(memcmp(&y, &again, sizeof(y)) == 0);
	} else if (y4m_frame_get(&time, line, n) == 0) {
		MUST(time <= INT64_MAX);
		n = y4m_frame_put(out, time);
		MUST(n < sizeof(out) && out[n - 1] == '\n');
		MUST(y4m_frame_get(&same, out, n) == 0 && same == time);
	}
	return 0;
}
