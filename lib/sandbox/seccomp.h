/* seccomp: give up all that a filter does not need.
 * SPDX-License-Identifier: ISC */
#ifndef SECCOMP_H
#define SECCOMP_H

#include <linux/filter.h>

/* What a process may do besides. */
enum seccomp_may {
	MAY_TERMINAL = 1, /* change the mode of a terminal, discard its input */
	MAY_FILES = 2, /* open and change files, as far as landlock.h lets it;
	                * no O_PATH, no set-user-ID bits */
	MAY_FOLDER = 4, /* rename and remove what is in the folder fd, bring any
	                 * file to the disk */
	MAY_SENDMSG = 8, /* send with control messages: also to any address that
	                  * a UDP socket is handed; no filter sees that one */
	MAY_RECVMSG = 16, /* receive with them */
	MAY_SERVE = 32, /* take calls at the sockets that are there, wait by
	                 * epoll(7), splice, send datagrams anywhere */
	MAY_CONTROL = 64 /* ioctl(2) of any kind, on fd alone */
};

/* From here on this process can use the descriptors it has, wait, tell the
 * time, allocate, and exit; of fcntl(2) the size of pipes is left, of ioctl(2)
 * how much waits.  It can open nothing, name no file, connect to nobody, start
 * nothing, map no code, and signal nobody else.  may: and what of seccomp_may is
 * in it; fd: what that is about.  Any other system call is ENOSYS (seccomp(2)).
 * All threads are bound.  0, or -1 and errno: nothing was given up, as the
 * kernel has no such filters, or the machine is of another kind than x86_64,
 * aarch64 and riscv64 (ENOSYS). */
int
seccomp_enter(unsigned may, int fd);

enum { SECCOMP_MOST = 512 }; /* instructions of a filter */

/* That filter.  How many instructions; 0: none for this machine. */
unsigned
seccomp_filter(
    struct sock_filter code[static SECCOMP_MOST], unsigned may, int fd);

#endif
