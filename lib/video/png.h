/* png: write a picture to a PNG file, by libpng.
 * SPDX-License-Identifier: ISC */
#ifndef CHAT_PNG_H
#define CHAT_PNG_H

#include <stdint.h>

#include "base/fault.h"

/* Can a file probably be written at path?  0, or -1 and a fault (100). */
int
png_can_save(const char *path, struct fault *f);

/* Write w by h pixels of RGB, 3 bytes each, to the file at path, 0600, whole
 * or not at all; what was there is replaced.  0, or -1 and a fault (111). */
int
png_save(const char *path, unsigned w, unsigned h, const uint8_t *rgb,
    struct fault *f);

#endif
