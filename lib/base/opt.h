/* opt: numbers from the command line.
 * SPDX-License-Identifier: ISC */
#ifndef OPT_H
#define OPT_H

/* Parse decimal digits and nothing else as a number from lo to hi.  0 and *out,
 * or -1. */
int
opt_parse(const char *s, long lo, long hi, long *out);

#endif
