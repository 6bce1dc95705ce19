/* fd: what a descriptor is, and where it stands.
 * SPDX-License-Identifier: ISC */
#ifndef FD_H
#define FD_H

/* Is it open?  Is it a pipe or FIFO?  Is it a socket?  1 or 0. */
int
fd_open(int fd);
int
fd_is_pipe(int fd);
int
fd_is_socket(int fd);

/* Is it a socket for datagrams? */
int
fd_is_datagrams(int fd);

/* Move `from` to the number `to`, not close-on-exec, and close `from`.  When
 * they are equal only clear close-on-exec.  0, or -1 and errno. */
int
fd_move(int to, int from);

/* Set or clear close-on-exec.  0, or -1 and errno. */
int
fd_cloexec(int fd, int on);

/* Close fd, if it is not -1; errno is left as it was.  Always -1. */
int
fd_drop(int fd);

/* Set a socket's option that is an int (setsockopt(2)).  0, or -1 and errno. */
int
fd_option(int fd, int level, int name, int value);

/* Move fd to a close-on-exec number of 10 or more, so that 3 to 9 stay free for
 * the next program.  The new number, or -1 and errno; fd is closed either way,
 * and -1 is passed through. */
int
fd_high(int fd);

#endif
