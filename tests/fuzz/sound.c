/* fuzz/sound: payloads of sound, then what plays them; the first bytes tell how the
 * time goes on.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "audio/losses.h"
#include "audio/playout.h"
#include "audio/slots.h"
#include "fuzz.h"

enum { HEAD = 8 };

static int
decode(void *arg, const uint8_t *p, size_t n, int16_t pcm[static SLOTS_SAMPLES])
{
	(void)arg;
	MUST(!p || n > 0);
	memset(pcm, p ? *p : 0, SLOTS_SAMPLES * sizeof(*pcm));
	return p && *p == 0xff ? -1 : 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct playout out;
	int16_t pcm[2 * SLOTS_SAMPLES];
	uint8_t again[SLOTS_PAYLOAD], lost, runs;
	struct losses seen = {0};
	struct slots s, t;
	int64_t now = 0;
	size_t len, want;
	unsigned i;

	playout_open(&out, decode, NULL);
	while (n > HEAD) {
		len = (size_t)(data[0] << 8 | data[1]);
		want =
		    1 + (size_t)(data[2] << 8 | data[3]) % (2 * SLOTS_SAMPLES);
		now += data[4] == 0xff ? 1 << 20 : data[4] << 4;
		losses_take(&seen, (uint32_t)(data[5] << 16 | data[6]));
		losses_count(&seen, &lost, &runs);
		MUST(lost <= 128 && runs <= 64 && runs <= lost);
		data += HEAD;
		n -= HEAD;
		len = len < n ? len : n;
		if (slots_get(&s, data, len) == 0) {
			MUST(s.n <= SLOTS_CODED);
			MUST(slots_put(again, &s) == len);
			MUST(slots_get(&t, again, len) == 0 && t.n == s.n);
			for (i = 0; i < s.n; i++)
				playout_put(&out, s.slot, s.coded[i].back,
				    s.coded[i].data, s.coded[i].n, now);
		}
		playout_get(&out, pcm, want, now);
		now += (int64_t)want;
		data += len;
		n -= len;
	}
	return 0;
}
