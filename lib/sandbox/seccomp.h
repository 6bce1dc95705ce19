/* seccomp: give up all that a filter does not need.
 * SPDX-License-Identifier: ISC */
#ifndef SECCOMP_H
#define SECCOMP_H

#include <linux/audit.h>
#include <linux/filter.h>

/* The machine a filter is for; not defined where there is none. */
#if defined(__x86_64__)
#define SECCOMP_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define SECCOMP_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define SECCOMP_ARCH AUDIT_ARCH_RISCV64
#endif

/* What a process may do besides. */
enum seccomp_may {
	MAY_TERMINAL = 1, /* change the mode of a terminal, discard its input */
	MAY_FILES = 2, /* open and change files: no O_PATH, no set-user-ID */
	MAY_FOLDER = 4, /* rename and remove in the folder fd, fsync(2) */
	MAY_SENDMSG = 8, /* sendmsg(2): to any address, which no filter sees */
	MAY_RECVMSG = 16,
	MAY_SERVE = 32, /* take calls, epoll(7), splice, datagrams anywhere */
	MAY_CONTROL = 64, /* ioctl(2) of any kind, on fd alone */
	SECCOMP_MOST = 512 /* instructions of a filter */
};

/* From here on this process can use the descriptors it has, wait, tell the
 * time, allocate, and exit; of fcntl(2) the size of pipes is left, of ioctl(2)
 * how much waits.  It can open nothing, name no file, connect to nobody, start
 * nothing, map no code, and signal nobody else, but for what is in may, about fd.
 * Any other system call is ENOSYS (seccomp(2)).  All threads are bound.  0, or
 * -1 and errno: nothing was given up, as the kernel has no such filters, or the
 * machine is not an x86_64, aarch64 or riscv64 (ENOSYS). */
int
seccomp_enter(unsigned may, int fd);

/* Bind all threads by a filter of n instructions.  0, or -1 and errno. */
int
seccomp_bind(struct sock_filter *code, unsigned n, unsigned flags);

/* That filter of seccomp_enter.  How many instructions; 0: none for this machine. */
unsigned
seccomp_filter(
    struct sock_filter code[static SECCOMP_MOST], unsigned may, int fd);

#endif
