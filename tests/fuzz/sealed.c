/* fuzz/sealed: the header of a sealed file, in any pieces.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "fuzz.h"
#include "wire/sealed.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t id[KEY_BYTES] = {9};
	uint8_t header[SEALED_MAX] = {0}, from[KEY_BYTES];
	static struct record r;
	ssize_t want = sealed_length(data, 0);
	size_t have = 0;

	while (want > (ssize_t)have) {
		MUST(want <= SEALED_MAX);
		if ((size_t)want > n)
			return 0;
		memcpy(header + have, data + have, (size_t)want - have);
		have = (size_t)want;
		want = sealed_length(header, have);
	}
	if (want == -1)
		return 0;
	/* What follows the header does not change its length. */
	MUST(sealed_length(data, n) == want);
	switch (header[SEALED_FORM]) {
	case SEALED_KEY:
		(void)sealed_key_open(&r, header, id, from);
		break;
	case SEALED_MANY:
		(void)sealed_many_open(&r, header, id, from);
		break;
	}
	return 0;
}
