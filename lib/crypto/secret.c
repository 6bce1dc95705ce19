/* secret: memory for keys: locked, guarded, never in a core dump.
 * SPDX-License-Identifier: ISC */
#include <sys/prctl.h>
#include <sys/resource.h>

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "crypto/secret.h"

/* Both are needed: a core_pattern with a pipe ignores the limit, and exec
 * resets the other, PR_SET_DUMPABLE. */
static int
no_cores(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_CORE, &limit) == -1)
		return -1;
	limit.rlim_cur = 0;
	if (setrlimit(RLIMIT_CORE, &limit) == -1)
		return -1;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void *
secret_new(size_t n)
{
	void *p;

	if (no_cores() == -1)
		return NULL;
	if (sodium_init() == -1) {
		errno = ENOSYS;
		return NULL;
	}
	p = sodium_malloc(n);
	if (p)
		memset(p, 0, n);
	return p;
}

void
secret_free(void *p)
{
	sodium_free(p);
}
