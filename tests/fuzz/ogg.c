/* fuzz/ogg: Ogg Opus streams, up to their packets.
 * SPDX-License-Identifier: ISC */
#include "audio/oggopus.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct oggopus_in *in = oggopus_in();
	const uint8_t *p;
	uint8_t sum = 0;
	struct fault f;
	unsigned skip;
	size_t len, step = n > 0 ? 1 + data[0] * 8u : 1, some;
	int r = 0;

	for (; n > 0 && r != -1; data += some, n -= some) {
		some = step < n ? step : n;
		MUST(oggopus_feed(in, data, some) == 0);
		while ((r = oggopus_get(in, &p, &len, &skip, &f)) == 1)
			while (len > 0)
				sum ^= p[--len];
	}
	(void)oggopus_end(in, &f);
	(void)oggopus_length(in);
	oggopus_in_free(in);
	return sum == 1 && step == 0;
}
