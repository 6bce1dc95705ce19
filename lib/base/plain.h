/* plain: does this text leave a terminal alone?
 * SPDX-License-Identifier: ISC */
#ifndef PLAIN_H
#define PLAIN_H

#include <stddef.h>
#include <stdint.h>

/* Are the n bytes such text?  The first and last character may be cut. */
int
plain_text(const uint8_t *p, size_t n);

#endif
