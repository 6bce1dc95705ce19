/* fuzz/noise: a handshake of which one message is changed: whoever reads on
 * must not come to the keys the other has.
 * SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>

#include "crypto/noise.h"
#include "fuzz.h"

enum { BUF = 1024 };

/* data: pattern and cipher, which message, its new length, then bytes that are
 * put in for its own. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const int messages[] = {1, 3, 3};
	static uint8_t s[2][NOISE_KEY] = {"the responder's", "the initiator's"};
	uint8_t msg[BUF], was[BUF], got[BUF], spub[NOISE_KEY];
	enum noise_pattern pattern;
	struct aead k[4];
	struct noise x[2];
	ssize_t len;
	size_t want;
	int i, at, cipher;

	if (n < 3 || sodium_init() == -1)
		return 0;
	pattern = (data[0] & 3) % 3;
	cipher = data[0] & 4 ? AEAD_AESGCM : AEAD_CHACHAPOLY;
	at = data[1] % messages[pattern];
	want = data[2] + 1u;
	data += 3;
	n -= 3;
	crypto_scalarmult_base(spub, s[0]);
	for (i = 0; i < 2; i++)
		if (noise_begin(&x[i], pattern, cipher, i, data, 0, s[i],
		        i && pattern == NOISE_X ? spub : NULL, s[0]) == -1)
			return 0;
	for (i = 0; i < messages[pattern]; i++) {
		len = noise_write(&x[~i & 1], msg, NULL, 0);
		if (len == -1)
			return 0;
		if (i == at) {
			memset(was, 0, sizeof(was));
			memcpy(was, msg, (size_t)len);
			memset(msg + len, 0, sizeof(msg) - (size_t)len);
			memcpy(msg, data, n < want ? n : want);
			if (want == (size_t)len && memcmp(msg, was, want) == 0)
				return 0;
			len = (ssize_t)want;
		}
		if (noise_read(&x[i & 1], got, msg, (size_t)len) == -1)
			return 0;
	}
	noise_split(&x[0], &k[0], &k[1]);
	noise_split(&x[1], &k[2], &k[3]);
	MUST(memcmp(k[0].key, k[3].key, AEAD_KEY) != 0);
	MUST(memcmp(k[1].key, k[2].key, AEAD_KEY) != 0);
	return 0;
}
