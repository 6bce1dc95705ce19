/* num: numbers from the command line.
 * SPDX-License-Identifier: ISC */
#ifndef NUM_H
#define NUM_H

/* Parse decimal digits, nothing else around them, as a number from lo to hi.
 * 0 and *out, or -1. */
int
num_parse(const char *s, long lo, long hi, long *out);

#endif
