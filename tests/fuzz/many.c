/* fuzz/many: a file sealed for some people, whose header was changed.
 * SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>

#include "fuzz.h"
#include "wire/sealed.h"

enum { READERS = 3, TEXT = 5 };

static uint8_t id[KEY_BYTES] = {1}, own[KEY_BYTES];
static uint8_t secret[READERS][KEY_BYTES], to[READERS][KEY_BYTES];
static uint8_t header[READERS][SEALED_MAX], record[READERS][RECORD_MAX];
static size_t length[READERS], record_n;

/* Files for one, two and three of them. */
static void
make(void)
{
	struct record r;
	size_t i, low;
	ssize_t n;

	MUST(sodium_init() != -1);
	key_public(own, id);
	for (i = 0; i < READERS; i++) {
		secret[i][1] = (uint8_t)(i + 1);
		key_public(to[i], secret[i]);
	}
	for (i = 0; i < READERS; i++) {
		n = sealed_many_make(&r, header[i], AEAD_CHACHAPOLY, id,
		    (const uint8_t(*)[KEY_BYTES])to, i + 1, &low);
		MUST(n > 0);
		length[i] = (size_t)n;
		record_n =
		    record_seal(&r, record[i], (const uint8_t *)"hello", TEXT);
	}
}

/* One of them reads a header: 1 if it opens the first record. */
static int
reads(size_t reader, const uint8_t *h, size_t file)
{
	uint8_t from[KEY_BYTES], out[RECORD_MAX];
	struct record r;

	if (sealed_many_open(&r, h, secret[reader], from) != 0)
		return 0;
	if (record_open(&r, out, record[file], record_n) != TEXT)
		return 0;
	MUST(memcmp(from, own, KEY_BYTES) == 0);
	MUST(memcmp(out, "hello", TEXT) == 0);
	return 1;
}

/* data: whose file, who reads it; then edits of three bytes: place, what, with
 * what.  A changed header opens nothing, a whole one opens for all whom it
 * names. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static uint8_t h[SEALED_MAX];
	size_t file, reader, i, j, e;
	int changed;

	if (length[0] == 0)
		make();
	if (n < 2)
		return 0;
	file = data[0] % READERS;
	reader = data[1] % READERS;
	memcpy(h, header[file], SEALED_MAX);
	for (data += 2, n -= 2; n >= 3; data += 3, n -= 3) {
		i = (data[0] | data[1] << 8) % length[file];
		switch (data[1] >> 6) {
		case 0: /* entries change places, or one stands twice */
			i = SEALED_COUNT + 1 +
			    data[0] % (file + 1) * SEALED_ENTRY;
			j = SEALED_COUNT + 1 +
			    data[2] % (file + 1) * SEALED_ENTRY;
			for (e = 0; e < SEALED_ENTRY; e++) {
				uint8_t was = h[i + e];

				h[i + e] = h[j + e];
				if (!(data[1] & 1))
					h[j + e] = was;
			}
			break;
		case 1: /* an entry of another file */
			j = data[0] % (file + 1) * SEALED_ENTRY;
			memcpy(h + SEALED_COUNT + 1 + j,
			    header[READERS - 1] + SEALED_COUNT + 1 + j,
			    SEALED_ENTRY);
			break;
		case 2:
			h[data[0] % (SEALED_COUNT + 1)] ^= data[2];
			break;
		default:
			h[i] ^= data[2];
		}
	}
	if (sealed_length(h, SEALED_MAX) == -1 || h[SEALED_FORM] != SEALED_MANY)
		return 0;
	MUST(sealed_length(h, SEALED_MAX) <= SEALED_MAX);
	changed = memcmp(h, header[file], length[file]) != 0;
	MUST(reads(reader, h, file) == (!changed && reader <= file));
	return 0;
}
