/* plain: is it text that does nothing to a terminal?
 * SPDX-License-Identifier: ISC */
#ifndef PLAIN_H
#define PLAIN_H

#include <stddef.h>
#include <stdint.h>

/* Are the n bytes such text?  A character may be cut at either end. */
int
plain_text(const uint8_t *p, size_t n);

#endif
