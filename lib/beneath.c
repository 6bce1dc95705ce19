/* beneath: opening what is in a folder, and nothing that is not.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "beneath.h"

int
beneath_open(int dir, const char *path, int flags)
{
	char name[NAME_MAX + 1];
	const char *slash;
	int at = dir, fd;

	while ((slash = strchr(path, '/'))) {
		fd = -1;
		errno = ENAMETOOLONG;
		if (slash - path <= NAME_MAX) {
			snprintf(name, sizeof(name), "%.*s",
			    (int)(slash - path), path);
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
	fd = openat(at, path, flags | O_NOFOLLOW | O_CLOEXEC);
	if (at != dir)
		close(at);
	return fd;
}
