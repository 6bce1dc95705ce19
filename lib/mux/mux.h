/* mux: what is on stdin, as frames on stdout.
 * SPDX-License-Identifier: ISC */
#ifndef MUX_H
#define MUX_H

#include <stddef.h>

#include "base/fault.h"

/* Again after this many ms: key pictures, on a path that loses. */
enum { MUX_AGAIN = 20 };

/* Read messages of a kind, FRAME_TEXT (lines), FRAME_BYTES (what each read
 * gives), FRAME_JPEG or FRAME_IVF, and write frames with at most `most` bytes
 * of payload, a frame a write, until stdin ends, or the other end of the
 * descriptor `over` (-1: none) is closed; then e.  Less than FRAME_DATA
 * says that the path loses.  0, or -1 and a fault; then there was no e. */
int
mux_run(char kind, size_t most, int over, struct fault *f);

#endif
