/* secret: memory for keys: locked, guarded, never in a core dump.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include <sodium.h>

#include "secret.h"

void *
secret_new(size_t n)
{
	static const struct rlimit none = {0, 0};
	void *p;

	if (setrlimit(RLIMIT_CORE, &none) == -1)
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
