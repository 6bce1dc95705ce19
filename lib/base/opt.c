/* opt: numbers from the command line.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/opt.h"

int
opt_parse(const char *s, long lo, long hi, long *out)
{
	long n;

	if (*s == '\0' || s[strspn(s, "0123456789")] != '\0')
		return -1;
	errno = 0;
	n = strtol(s, NULL, 10);
	if (errno || n < lo || n > hi)
		return -1;
	*out = n;
	return 0;
}
