/* fuzz/stream: a sealed stream, or a sealed file, that was changed on the way.
 * SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "session/batch.h"
#include "session/stream.h"

enum { TRUTH = 600 };

static int
open_file(struct record *r, int in, int to, struct fault *f)
{
	static cpu_set_t one;
	struct batch *b;

	/* On one processor there are no threads: each run is the same. */
	CPU_SET(0, &one);
	MUST(sched_setaffinity(0, sizeof(one), &one) == 0);
	b = batch_new(in, "in", to, "out", f);
	MUST(b);
	return batch_open(b, r, f);
}

/* data: how many records, kind; then edits of three bytes: place, what, with
 * what.  What comes out is a beginning of what went in, and all of it only
 * where nothing was changed. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t key[AEAD_KEY] = "a key";
	struct quiet quiet = {.name = "somebody", .sealer = -1};
	uint8_t truth[TRUTH], wire[4096], was[4096], out[4096];
	struct record s = {0}, o = {0};
	size_t i, at = 0, len = 0, part, was_len, ends;
	struct fault f = {0};
	int in, to, bad, file;
	ssize_t got;

	if (n < 2 || sodium_init() == -1)
		return 0;
	for (i = 0; i < TRUTH; i++)
		truth[i] = (uint8_t)(i * i + i / 7);
	aead_init(&s.key, AEAD_CHACHAPOLY, key);
	aead_init(&o.key, AEAD_CHACHAPOLY, key);
	file = data[0] & 1;
	for (i = 0; i < data[1] % 8u; i++, at += part) {
		part = 1 + (data[1] * (i + 3)) % (TRUTH / 8 - 1);
		len += record_seal(&s, wire + len, truth + at, part);
	}
	len += record_seal(&s, wire + len, truth, 0);
	ends = was_len = len;
	memcpy(was, wire, len);
	for (data += 2, n -= 2; n >= 3; data += 3, n -= 3) {
		i = (data[0] | (data[1] & 0x0f) << 8) % (len + 1);
		if (data[1] & 0x80) {
			len = i; /* cut */
		} else if (data[1] & 0x40 && len < sizeof(wire)) {
			memmove(wire + i + 1, wire + i, len++ - i);
			wire[i] = data[2];
		} else if (data[1] & 0x20 && i < len) {
			memmove(wire + i, wire + i + 1, --len - i);
		} else if (i < len) {
			wire[i] ^= data[2];
		}
	}
	in = memfd_create("in", 0);
	to = memfd_create("out", 0);
	MUST(write(in, wire, len) == (ssize_t)len &&
	     lseek(in, 0, SEEK_SET) == 0);
	bad = file ? open_file(&o, in, to, &f)
	           : stream_open(&o, in, to, &quiet, &f);
	got = pread(to, out, sizeof(out), 0);
	close(in);
	close(to);
	MUST(got >= 0 && (size_t)got <= at &&
	     memcmp(out, truth, (size_t)got) == 0);
	if (bad == 0)
		MUST((size_t)got == at && len >= ends &&
		     memcmp(was, wire, ends) == 0 && (!file || len == was_len));
	else
		MUST(f.code == X_PEER && f.text[0]);
	return 0;
}
