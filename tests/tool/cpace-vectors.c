/* cpace-vectors FILE...: check CPace against published vectors, both sides,
 * and that it refuses what is not an element of the group.
 * SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "crypto/cpace.h"

enum { PRS, CI, SID, ADA, ADB, YA, YB, G, SHARE_A, SHARE_B, K, ISK, FIELDS };
enum { FIELD = 65536 };

static const char *const names[FIELDS] = {"PRS", "CI", "sid", "ADa", "ADb",
    "ya", "yb", "g", "Ya", "Yb", "K", "ISK_IR"};

static struct {
	char name[128];
	int used, bad;
	int has[FIELDS];
	size_t n[FIELDS];
	uint8_t data[FIELDS][FIELD];
} v;

static int passed, failed;

/* Is a field, if it is there, these bytes? */
static void
want(int field, const void *p, size_t n)
{
	if (!v.has[field] ||
	    (v.n[field] == n && memcmp(v.data[field], p, n) == 0))
		return;
	printf("# %s: wrong %s\n", v.name, names[field]);
	v.bad = 1;
}

static void
exchange(void)
{
	struct cpace a, b;
	struct cpace_input in;
	struct cpace_bytes *const to[] = {
	    &in.prs, &in.ci, &in.sid, &in.ada, &in.adb};
	uint8_t g[32], k[32], isk[CPACE_ISK], shares[2][CPACE_SHARE];
	int i;

	for (i = PRS; i <= ADB; i++) {
		to[i]->p = v.n[i] ? v.data[i] : NULL;
		to[i]->n = v.n[i];
	}
	cpace_generator(g, &in);
	want(G, g, sizeof(g));
	cpace_start(&a, &in, v.data[YA]);
	cpace_start(&b, &in, v.data[YB]);
	want(SHARE_A, a.share, sizeof(a.share));
	want(SHARE_B, b.share, sizeof(b.share));
	memcpy(shares[0], a.share, CPACE_SHARE);
	memcpy(shares[1], b.share, CPACE_SHARE);
	v.bad |= cpace_shared(k, a.y, shares[1]) != 0;
	want(K, k, sizeof(k));
	v.bad |= cpace_shared(k, b.y, shares[0]) != 0;
	want(K, k, sizeof(k));
	v.bad |= cpace_finish(&a, &in, 1, shares[1], isk) != 0;
	want(ISK, isk, sizeof(isk));
	v.bad |= cpace_finish(&b, &in, 0, shares[0], isk) != 0;
	want(ISK, isk, sizeof(isk));
}

static void
count(int bad, const char *what)
{
	if (bad)
		printf("# failed: %s\n", what);
	*(bad ? &failed : &passed) += 1;
}

/* The vector before is whole: check it. */
static void
finish(void)
{
	int i, outputs = 0;

	if (!v.used)
		return;
	for (i = PRS; i <= YB; i++)
		v.bad |= !v.has[i];
	v.bad |= v.n[YA] != 32 || v.n[YB] != 32;
	for (i = G; i < FIELDS; i++)
		outputs += v.has[i];
	if (!v.bad && outputs > 0)
		exchange();
	count(v.bad || outputs == 0, v.name);
	memset(&v, 0, sizeof(v));
}

static int
hex(uint8_t *out, size_t cap, const char *text, size_t *n)
{
	*n = 0;
	return strcmp(text, "-") == 0 ? 0
	                              : sodium_hex2bin(out, cap, text,
	                                    strlen(text), NULL, n, NULL);
}

static void
reject(const char *text)
{
	uint8_t element[CPACE_SHARE], isk[CPACE_ISK];
	struct cpace_input in = {.prs = {"x", 1}};
	struct cpace c;
	size_t n;
	int bad = hex(element, sizeof(element), text, &n) == -1;

	/* Other lengths never reach cpace.h. */
	if (!bad && n == sizeof(element)) {
		cpace_start(&c, &in, NULL);
		bad = cpace_finish(&c, &in, 1, element, isk) != -1;
	}
	count(bad, text);
}

/* One line: a name, a space, the rest. */
static void
take(char *line)
{
	char *text = line + strcspn(line, " ");
	int i;

	if (*text)
		*text++ = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	if (strcmp(line, "reject") == 0) {
		finish();
		reject(text);
		return;
	}
	if (strcmp(line, "vector") == 0) {
		finish();
		v.used = 1;
		snprintf(v.name, sizeof(v.name), "%s", text);
		return;
	}
	for (i = 0; i < FIELDS; i++)
		if (strcmp(line, names[i]) == 0)
			break;
	if (i == FIELDS || !v.used || v.has[i] ||
	    hex(v.data[i], FIELD, text, &v.n[i]) == -1) {
		printf("# not understood: %s %s\n", line, text);
		failed += !v.used;
		v.bad = v.used;
	} else {
		v.has[i] = 1;
	}
}

int
main(int argc, char **argv)
{
	char *line = NULL;
	size_t cap = 0;
	FILE *f;
	int i;

	if (sodium_init() == -1)
		return 111;
	for (i = 1; i < argc; i++) {
		f = fopen(argv[i], "r");
		if (!f) {
			perror(argv[i]);
			return 111;
		}
		while (getline(&line, &cap, f) != -1)
			if (line[strspn(line, " \t\r\n")] != '\0' &&
			    *line != '#')
				take(line);
		finish();
		fclose(f);
	}
	free(line);
	printf("%d passed, %d failed\n", passed, failed);
	return failed > 0 || passed == 0;
}
