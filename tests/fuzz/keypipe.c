/* fuzz/keypipe: a session key's line in a pipe.
 * SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "session/keypipe.h"

/* What take says of the n bytes. */
static int
take(struct aead *key, const uint8_t *data, size_t n, struct fault *f)
{
	char where[16];
	int p[2], r;

	MUST(pipe2(p, O_CLOEXEC) == 0);
	MUST(write(p[1], data, n) == (ssize_t)n);
	close(p[1]);
	(void)snprintf(where, sizeof(where), "%d", p[0]);
	r = keypipe_take(key, where, f);
	/* It is used up. */
	MUST(fcntl(p[0], F_GETFD) == -1 && errno == EBADF);
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct aead key, same;
	struct fault f = {0};
	char line[256];
	ssize_t len;

	if (sodium_init() == -1)
		return 0;
	n = n < 4096 ? n : 4096;
	if (take(&key, data, n, &f) == -1) {
		MUST(f.code == X_USE && f.text[0]);
		return 0;
	}
	MUST(keypipe_give(50, &key, &f) == 0);
	len = read(50, line, sizeof(line));
	close(50);
	MUST(len > 0 && take(&same, (uint8_t *)line, (size_t)len, &f) == 0);
	MUST(same.cipher == key.cipher &&
	     memcmp(same.key, key.key, AEAD_KEY) == 0);
	/* There is one way to write a key. */
	MUST((size_t)len == n && memcmp(line, data, n) == 0);
	return 0;
}
