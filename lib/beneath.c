/* beneath: opening what is in a folder, and nothing that is not.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "beneath.h"

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

struct how { /* of openat2(2) */
	uint64_t flags, mode, resolve;
};
enum { NO_MAGICLINKS = 2, NO_SYMLINKS = 4, BENEATH = 8 };

static int
by_name(int dir, const char *path, int flags)
{
	char name[256];
	const char *slash;
	int at = dir, fd;

	while ((slash = strchr(path, '/'))) {
		fd = -1;
		errno = ENAMETOOLONG;
		if (slash - path < (int)sizeof(name)) {
			memcpy(name, path, (size_t)(slash - path));
			name[slash - path] = '\0';
			fd = openat(at, name,
			    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		}
		if (at != dir)
			close(at);
		if (fd == -1)
			return -1;
		at = fd;
		path = slash + 1;
	}
	fd = openat(at, path, flags);
	if (at != dir)
		close(at);
	return fd;
}

int
beneath_open(int dir, const char *path, int flags)
{
	struct how how = {(uint64_t)flags | O_NOFOLLOW | O_CLOEXEC, 0,
	    NO_MAGICLINKS | NO_SYMLINKS | BENEATH};
	int fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));

	/* EPERM: a sandbox that has not heard of it. */
	if (fd != -1 || (errno != ENOSYS && errno != EPERM))
		return fd;
	return by_name(dir, path, flags | O_NOFOLLOW | O_CLOEXEC);
}
