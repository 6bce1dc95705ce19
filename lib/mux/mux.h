/* mux: stdin, as frames on stdout.
 * SPDX-License-Identifier: ISC */
#ifndef MUX_H
#define MUX_H

#include <stddef.h>

#include "base/fault.h"

/* ms until a key picture is repeated, on a path with loss. */
enum { MUX_AGAIN = 20 };

/* Read messages of a kind, FRAME_TEXT (lines), FRAME_BYTES (what each read
 * gives), FRAME_JPEG or FRAME_IVF, and write frames with at most `most` bytes
 * of payload, one a write, until stdin ends or the other end of the descriptor
 * `over` (-1: none) is closed; then e.  most < FRAME_DATA means a path with
 * loss.  0, or -1 and a fault, then without e. */
int
mux_run(char kind, size_t most, int over, struct fault *f);

#endif
