/* fuzz/jpeg: where a JPEG ends, read at once and in pieces.
 * SPDX-License-Identifier: ISC */
#include "fuzz.h"
#include "wire/jpeg.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct jpeg all = {0}, part = {0};
	size_t i;
	int r = jpeg_scan(&all, data, n), s = 0;

	MUST(r >= -1 && r <= 1 && all.at <= n);
	for (i = 0; i <= n && s == 0; i++) {
		s = jpeg_scan(&part, data, i);
		MUST(part.at <= i);
	}
	/* In pieces it ends where it does at once, or is refused no later. */
	MUST(r == s);
	if (r == 1) {
		MUST(part.at == all.at && all.w > 0 && all.h > 0);
		MUST(data[all.at - 2] == 0xff && data[all.at - 1] == 0xd9);
	}
	return 0;
}
