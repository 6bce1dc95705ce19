/* mix: SipHash-2-4, so that attackers cannot choose colliding keys of a table.
 * SPDX-License-Identifier: ISC */
#ifndef MIX_H
#define MIX_H

#include <stddef.h>
#include <stdint.h>

/* The hash of n bytes under a secret key of two words. */
uint64_t
mix(const uint64_t key[static 2], const void *p, size_t n);

#endif
