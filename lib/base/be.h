/* be: big-endian numbers in byte strings.
 * SPDX-License-Identifier: ISC */
#ifndef BE_H
#define BE_H

#include <stdint.h>

static inline void
be16_put(uint8_t p[static 2], uint16_t n)
{
	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
}

static inline void
be32_put(uint8_t p[static 4], uint32_t n)
{
	be16_put(p, (uint16_t)(n >> 16));
	be16_put(p + 2, (uint16_t)n);
}

static inline void
be64_put(uint8_t p[static 8], uint64_t n)
{
	be32_put(p, (uint32_t)(n >> 32));
	be32_put(p + 4, (uint32_t)n);
}

static inline uint16_t
be16_get(const uint8_t p[static 2])
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
be32_get(const uint8_t p[static 4])
{
	return (uint32_t)be16_get(p) << 16 | be16_get(p + 2);
}

static inline uint64_t
be64_get(const uint8_t p[static 8])
{
	return (uint64_t)be32_get(p) << 32 | be32_get(p + 4);
}

#endif
