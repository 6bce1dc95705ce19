/* repair: parts of a picture that stand in for lost ones: Cauchy Reed-Solomon
 * over GF(2^8) with the polynomial 0x11d.
 * SPDX-License-Identifier: ISC */
#ifndef LINK_REPAIR_H
#define LINK_REPAIR_H

#include <stddef.h>
#include <stdint.h>

enum {
	REPAIR_PARTS = 128, /* most parts that can be repaired */
	REPAIR_MORE = 50 /* most repair parts for them */
};

/* Write repair part r of the k parts of n bytes each, one after another at
 * parts: the sum of part c times 1 / ((k + r) xor c), as libisal's
 * gf_gen_cauchy1_matrix. */
void
repair_make(
    uint8_t *out, const uint8_t *parts, unsigned k, unsigned r, size_t n);

/* Restore those of the k parts at parts that have a 0 in have: spare[j] is
 * repair part number[j], of count, at least as many as are missing.  The spares
 * are overwritten.  0, or -1 if they are too few. */
int
repair_fill(uint8_t *parts, const uint8_t *have, unsigned k,
    uint8_t *const *spare, const uint8_t *number, unsigned count, size_t n);

#endif
