/* fuzz/wav: WAV streams, in pieces of a size that the first byte tells.
 * SPDX-License-Identifier: ISC */
#include "audio/wav.h"
#include "fuzz.h"

enum { CAP = 100 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct wav w = {0};
	int16_t out[CAP];
	struct fault f;
	size_t step, some;
	int r;

	if (n < 1)
		return 0;
	step = 1 + data[0];
	for (data++, n--; n > 0; n -= step < n ? step : n) {
		some = step < n ? step : n;
		do {
			r = wav_take(&w, &data, &some, out, CAP, &f);
			if (r == -1)
				return 0;
			MUST(r <= CAP && (r > 0 || some == 0));
		} while (some > 0);
	}
	(void)wav_end(&w, &f);
	return 0;
}
