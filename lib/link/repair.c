/* repair: parts of a picture that stand in for lost ones: Cauchy Reed-Solomon
 * over GF(2^8) with the polynomial 0x11d.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "link/repair.h"

enum { POLYNOMIAL = 0x11d, ORDER = 255 };

/* Powers of 2, twice in a row so that sums of two logarithms need no modulus,
 * and logarithms; filled on first use. */
static uint8_t power[2 * ORDER], logarithm[ORDER + 1];

static void
make_tables(void)
{
	unsigned i, x = 1;

	for (i = 0; i < ORDER; i++) {
		power[i] = power[i + ORDER] = (uint8_t)x;
		logarithm[x] = (uint8_t)i;
		x <<= 1;
		if (x > ORDER)
			x ^= POLYNOMIAL;
	}
}

static uint8_t
product(uint8_t a, uint8_t b)
{
	return a && b ? power[logarithm[a] + logarithm[b]] : 0;
}

static uint8_t
inverse(uint8_t a)
{
	return power[ORDER - logarithm[a]];
}

static uint8_t
coefficient(unsigned k, unsigned r, unsigned c)
{
	return inverse((uint8_t)((k + r) ^ c));
}

/* out += c * p */
static void
add(uint8_t *out, const uint8_t *p, uint8_t c, size_t n)
{
	uint8_t times[256];
	size_t i;

	for (i = 0; i < 256; i++)
		times[i] = product((uint8_t)i, c);
	for (i = 0; i < n; i++)
		out[i] ^= times[p[i]];
}

void
repair_make(
    uint8_t *out, const uint8_t *parts, unsigned k, unsigned r, size_t n)
{
	unsigned c;

	if (!power[0])
		make_tables();
	memset(out, 0, n);
	for (c = 0; c < k; c++)
		add(out, parts + c * n, coefficient(k, r, c), n);
}

typedef uint8_t matrix[REPAIR_MORE][REPAIR_MORE];

static void
swap_rows(matrix m, unsigned a, unsigned b)
{
	uint8_t row[REPAIR_MORE];

	memcpy(row, m[a], sizeof(row));
	memcpy(m[a], m[b], sizeof(row));
	memcpy(m[b], row, sizeof(row));
}

/* b = 1 / a, both e by e; a is destroyed.  0, or -1 if there is none; square
 * parts of a Cauchy matrix always have one. */
static int
invert(matrix a, matrix b, unsigned e)
{
	unsigned i, j, c;
	uint8_t t;

	for (i = 0; i < e; i++) {
		memset(b[i], 0, e);
		b[i][i] = 1;
	}
	for (i = 0; i < e; i++) {
		for (j = i; j < e && !a[j][i]; j++)
			;
		if (j == e)
			return -1;
		swap_rows(a, i, j);
		swap_rows(b, i, j);
		t = inverse(a[i][i]);
		for (c = 0; c < e; c++) {
			a[i][c] = product(a[i][c], t);
			b[i][c] = product(b[i][c], t);
		}
		for (j = 0; j < e; j++) {
			t = j == i ? 0 : a[j][i];
			for (c = 0; t && c < e; c++) {
				a[j][c] ^= product(a[i][c], t);
				b[j][c] ^= product(b[i][c], t);
			}
		}
	}
	return 0;
}

int
repair_fill(uint8_t *parts, const uint8_t *have, unsigned k,
    uint8_t *const *spare, const uint8_t *number, unsigned count, size_t n)
{
	unsigned missing[REPAIR_MORE], e = 0, i, j;
	matrix a, b;

	if (!power[0])
		make_tables();
	for (i = 0; i < k; i++) {
		if (have[i])
			continue;
		if (e == REPAIR_MORE || e == count)
			return -1;
		missing[e++] = i;
	}
	for (i = 0; i < e; i++)
		for (j = 0; j < e; j++)
			a[i][j] = coefficient(k, number[i], missing[j]);
	if (invert(a, b, e) == -1)
		return -1;
	/* Subtract the parts that arrived from the repair parts; the missing
	 * parts' share remains. */
	for (i = 0; i < e; i++)
		for (j = 0; j < k; j++)
			if (have[j])
				add(spare[i], parts + j * n,
				    coefficient(k, number[i], j), n);
	for (j = 0; j < e; j++) {
		memset(parts + missing[j] * n, 0, n);
		for (i = 0; i < e; i++)
			add(parts + missing[j] * n, spare[i], b[j][i], n);
	}
	return 0;
}
