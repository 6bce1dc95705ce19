/* seccomp: give up the system calls that a filter does not need.
 * SPDX-License-Identifier: ISC */
#ifndef SECCOMP_H
#define SECCOMP_H

#include <linux/audit.h>
#include <linux/filter.h>

/* The architecture a filter checks; undefined where we have no filter. */
#if defined(__x86_64__)
#define SECCOMP_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define SECCOMP_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define SECCOMP_ARCH AUDIT_ARCH_RISCV64
#endif

/* Rights of a process besides reading and writing. */
enum seccomp_may {
	MAY_TERMINAL = 1, /* set terminal modes, discard typed input */
	MAY_FILES = 2, /* open and change files; not O_PATH, set-user-ID */
	MAY_FOLDER = 4, /* rename and remove in folder fd; fsync(2) */
	MAY_SENDMSG = 8, /* sendmsg(2), to any address: filters cannot see it */
	MAY_RECVMSG = 16,
	MAY_SERVE = 32, /* accept, epoll(7), splice, datagrams anywhere */
	MAY_CONTROL = 64, /* ioctl(2) of any kind, only on fd */
	SECCOMP_MOST = 512 /* most instructions in a filter */
};

/* From now on this process can only use its open descriptors, wait, read
 * clocks, allocate, and exit; fcntl(2) may set pipe sizes and ioctl(2) count
 * waiting bytes.  It cannot open or name files, connect, start processes, map
 * code or signal others, except as may allows, about fd.  Other calls fail with
 * ENOSYS (seccomp(2)).  All threads are bound.  0, or -1 and errno, with
 * nothing given up: the kernel lacks filters, or the machine is not x86_64,
 * aarch64 or riscv64 (ENOSYS). */
int
seccomp_enter(unsigned may, int fd);

/* Bind all threads by a filter of n instructions.  0, or -1 and errno. */
int
seccomp_bind(struct sock_filter *code, unsigned n, unsigned flags);

/* Write the filter of seccomp_enter.  Its length; 0: unknown machine. */
unsigned
seccomp_filter(
    struct sock_filter code[static SECCOMP_MOST], unsigned may, int fd);

#endif
