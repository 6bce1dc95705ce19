/* fd: what a descriptor is, and where it stands.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"

int
fd_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

/* Not fstat: glibc calls newfstatat, which can name files and which
 * seccomp_enter refuses. */
int
fd_is_pipe(int fd)
{
	return fcntl(fd, F_GETPIPE_SZ) != -1;
}

int
fd_is_socket(int fd)
{
	int type;
	socklen_t n = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0;
}

int
fd_is_datagrams(int fd)
{
	int type;
	socklen_t n = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 &&
	       type == SOCK_DGRAM;
}

int
fd_move(int to, int from)
{
	if (to == from)
		return fd_cloexec(to, 0);
	if (dup2(from, to) == -1)
		return -1;
	close(from);
	return 0;
}

int
fd_cloexec(int fd, int on)
{
	return fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0) == -1 ? -1 : 0;
}

int
fd_drop(int fd)
{
	int err = errno;

	if (fd != -1)
		close(fd);
	errno = err;
	return -1;
}

int
fd_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

int
fd_high(int fd)
{
	int high = fd == -1 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 10);

	(void)fd_drop(fd);
	return high;
}
