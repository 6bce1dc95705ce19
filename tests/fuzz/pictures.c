/* fuzz/pictures: a stream of IVF or JPEGs, in one piece and a byte at a time.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "fuzz.h"
#include "wire/pictures.h"

/* A sum over what came out, so that two ways can be compared. */
static uint64_t
feed(const uint8_t *data, size_t n, size_t step, int *bad)
{
	struct pictures c = {0};
	struct pictures_pic pic;
	struct fault f;
	uint64_t sum = 0;
	uint8_t *to;
	size_t part;
	unsigned w, h;
	int r = 0;

	for (; n > 0 && r != -1; n -= part, data += part) {
		to = pictures_room(&c, &part);
		MUST(to && part > 0);
		if (part > step)
			part = step;
		if (part > n)
			part = n;
		memcpy(to, data, part);
		pictures_add(&c, part);
		while ((r = pictures_next(&c, &pic, &f)) == 1) {
			MUST(pic.n <= IVF_PIC_MAX);
			MUST(c.kind == PICTURES_JPEG ||
			     pic.key == (ivf_key(pic.p, pic.n, &w, &h) == 1));
			sum = sum * 31 + pic.n + pic.time + (unsigned)pic.key;
			for (size_t j = 0; j < pic.n; j++)
				sum = sum * 31 + pic.p[j];
		}
	}
	*bad = r == -1 || pictures_end(&c, &f) == -1;
	pictures_free(&c);
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint64_t sum;
	int bad, bad2;

	sum = feed(data, n, n, &bad);
	MUST(sum == feed(data, n, 1, &bad2) && bad == bad2);
	return 0;
}
