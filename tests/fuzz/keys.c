/* fuzz/keys: identity files, keys, keys under a passphrase, spoken codes.
 * SPDX-License-Identifier: ISC */
#include "../../lib/peer/identity.c"

#include "crypto/code.h"
#include "fuzz.h"

static void
lines(const char *text)
{
	uint8_t key[KEY_BYTES];
	char again[KEYWRAP_TEXT];
	struct keywrap l, m;

	if (key_parse(key, text) == 0) {
		key_text(again, key);
		MUST(strcmp(again, text) == 0);
	}
	if (keywrap_parse(&l, text) == -1)
		return;
	MUST(l.passes >= 1 && l.passes <= KEYWRAP_PASSES);
	MUST(l.kib >= 8 && l.kib <= KEYWRAP_KIB);
	keywrap_text(again, &l);
	MUST(keywrap_parse(&m, again) == 0 && memcmp(&l, &m, sizeof(l)) == 0);
}

static void
codes(const char *text, size_t n)
{
	char out[CODE_PASS], again[CODE_PASS];
	struct fault f = {0, ""};

	if (code_normalise(out, text, n, &f) == -1) {
		MUST(f.code == X_USE && f.text[0] && !*out);
		return;
	}
	MUST(code_normalise(again, out, strlen(out), &f) == 0);
	MUST(strcmp(out, again) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct file file;
	struct fault f = {0, ""};

	memset(&file, 0, sizeof(file));
	if (n > FILE_MAX)
		return 0;
	memcpy(file.text, data, n);
	file.n = n;
	codes(file.text, n);
	if (memchr(data, '\0', n))
		return 0;
	lines(file.text);
	if (find(&file, "id", &f) == -1) {
		MUST(f.code == X_USE && f.text[0]);
		return 0;
	}
	MUST(file.len == strlen(file.key) && file.at + file.len <= n);
	MUST(memcmp(file.text + file.at, file.key, file.len) == 0);
	MUST(!strpbrk(file.key, "\n") && *file.key != '#');
	lines(file.key);
	return 0;
}
