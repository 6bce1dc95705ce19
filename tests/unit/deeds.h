/* deeds: what may be asked of a kernel, and what a seccomp filter says to it.
 * SPDX-License-Identifier: ISC */
#ifndef DEEDS_H
#define DEEDS_H

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <termios.h>

/* One argument of a deed, of the process that does it. */
#define DEED_FD 0x10000001 /* what the filter is about */
#define DEED_PID 0x10000002 /* its own number */

/* A call that does no harm where it is allowed: its descriptors are not open.
 * Those of one name go together. */
static const struct deed {
	const char *name;
	long call;
	uint64_t arg[6];
} deeds[] = {
    {"read and write", SYS_read, {-1}},
    {"read and write", SYS_write, {-1}},
    {"wait", SYS_ppoll, {0, 1000000}},
    {"tell the time", SYS_clock_gettime, {-1}},
    {"signal itself", SYS_tgkill, {DEED_PID, -1}},
    {"allocate", SYS_mmap, {0, 0, PROT_READ | PROT_WRITE}},
    {"send", SYS_sendto, {-1}},
    {"see whether it is a terminal", SYS_ioctl, {-1, TCGETS}},
    {"see how much waits", SYS_ioctl, {-1, FIONREAD}},
    {"size a pipe", SYS_fcntl, {-1, F_SETPIPE_SZ}},
    {"receive with control data", SYS_recvmsg, {-1}},
    {"receive many", SYS_recvmmsg, {-1, -1}},
    {"send anywhere with control data", SYS_sendmsg, {-1}},
    {"send many anywhere", SYS_sendmmsg, {-1, -1}},
    {"send one anywhere", SYS_sendto, {-1, 0, 0, 0, 8, 16}},
    {"send one anywhere", SYS_sendto, {-1, 0, 0, 0, (uint64_t)8 << 32, 16}},
    {"size a socket's buffer", SYS_setsockopt, {-1, SOL_SOCKET, SO_RCVBUF}},
    {"size a socket's buffer", SYS_setsockopt, {-1, SOL_SOCKET, SO_SNDBUF}},
    {"filter a socket", SYS_setsockopt, {-1, SOL_SOCKET, SO_ATTACH_FILTER}},
    {"route a socket", SYS_setsockopt, {-1, IPPROTO_IP, IP_OPTIONS}},
    {"take a call", SYS_accept4, {-1}},
    {"wait by epoll", SYS_epoll_pwait, {-1, -1}},
    {"make a pipe", SYS_pipe2, {0, -1}},
    {"make a signal a descriptor", SYS_signalfd4, {-1, -1}},
    {"move bytes in the kernel", SYS_splice, {-1, 0, -1, 0, 1}},
    {"copy a descriptor", SYS_fcntl, {-1, F_DUPFD_CLOEXEC}},
    {"open a file", SYS_openat, {-1, 0, O_RDONLY}},
    {"make a file", SYS_openat, {-1, 0, O_WRONLY | O_CREAT, 0644}},
    {"look at a file", SYS_newfstatat, {-1}},
    {"list a folder", SYS_getdents64, {-1}},
    {"change a mode", SYS_fchmod, {-1, 0755}},
    {"rename and remove", SYS_renameat2, {-1, 0, -1}},
    {"rename and remove", SYS_unlinkat, {-1}},
    {"rename and remove in one folder", SYS_renameat2, {DEED_FD, 0, DEED_FD}},
    {"rename and remove in one folder", SYS_unlinkat, {DEED_FD}},
    {"bring a file to the disk", SYS_fsync, {-1}},
    {"see a window's size", SYS_ioctl, {-1, TIOCGWINSZ}},
    {"change a terminal", SYS_ioctl, {-1, TCSETS}},
    {"change a terminal", SYS_ioctl, {-1, TCFLSH}},
    {"control a device", SYS_ioctl, {DEED_FD, 0x5600}},
    {"control any device", SYS_ioctl, {-1, 0x6400}},
    {"start a thread", SYS_clone,
        {CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
            CLONE_SYSVSEM | CLONE_NEWNS | CLONE_FS}},
    {"share memory", SYS_memfd_create, {0, -1}},
    {"map code", SYS_mmap, {0, 0, PROT_EXEC}},
    {"map code", SYS_mprotect, {0, 0, PROT_EXEC}},
    {"type for the user", SYS_ioctl, {-1, TIOCSTI}},
    {"have others signalled", SYS_fcntl, {-1, F_SETOWN, 1}},
    {"have others signalled", SYS_fcntl, {-1, F_SETOWN_EX}},
    {"have others signalled", SYS_fcntl, {-1, F_SETSIG, 9}},
    {"have others signalled", SYS_fcntl, {-1, F_SETFL, O_ASYNC}},
    {"have others signalled", SYS_fcntl, {-1, F_SETLEASE}},
    {"have others signalled", SYS_fcntl, {-1, F_NOTIFY}},
    {"have others signalled", SYS_ioctl, {-1, FIOASYNC}},
    {"have others signalled", SYS_ioctl, {-1, FIOSETOWN}},
    {"have others signalled", SYS_ioctl, {-1, SIOCSPGRP}},
    {"signal others", SYS_kill, {0x7ffffffe}},
    {"signal others", SYS_tgkill, {1, 1}},
    {"signal others", SYS_tkill, {0x7ffffffe}},
    {"signal others", SYS_rt_sigqueueinfo, {0x7ffffffe}},
    {"signal others", SYS_pidfd_send_signal, {-1}},
    {"open by O_PATH", SYS_openat, {-1, 0, O_PATH}},
    {"open by O_PATH", SYS_openat2, {-1}},
    {"open by O_PATH", SYS_open_by_handle_at, {-1}},
    {"set the user of a program", SYS_openat,
        {-1, 0, O_WRONLY | O_CREAT, 04755}},
    {"set the user of a program", SYS_fchmod, {-1, 04755}},
    {"make a socket", SYS_socket, {-1}},
    {"make a socket", SYS_socketpair, {-1}},
    {"connect", SYS_connect, {-1}},
    {"connect", SYS_bind, {-1}},
    {"connect", SYS_listen, {-1}},
    {"start a program", SYS_execve, {0}},
    {"start a program", SYS_execveat, {-1}},
    {"start a process", SYS_clone, {CLONE_SIGHAND}},
    {"start a process", SYS_clone3, {0}},
    {"look into others", SYS_ptrace, {-1, 0x7ffffffe}},
    {"look into others", SYS_process_vm_readv, {0x7ffffffe}},
    {"look into others", SYS_prlimit64, {0x7ffffffe, 7}},
    {"look into others", SYS_pidfd_getfd, {-1}},
    {"use the rest of the kernel", SYS_io_uring_setup, {0}},
    {"use the rest of the kernel", SYS_bpf, {-1}},
    {"use the rest of the kernel", SYS_perf_event_open, {0, -1, -1, -1, -1}},
    {"use the rest of the kernel", SYS_userfaultfd, {-1}},
    {"use the rest of the kernel", SYS_add_key, {0}},
    {"use the rest of the kernel", SYS_unshare, {-1}},
    {"use the rest of the kernel", SYS_mount, {0}},
    {"use the rest of the kernel", SYS_seccomp, {-1}},
};
enum { DEEDS = sizeof(deeds) / sizeof(*deeds) };

#if defined(__x86_64__)
#define DEEDS_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define DEEDS_ARCH AUDIT_ARCH_AARCH64
#else
#define DEEDS_ARCH AUDIT_ARCH_RISCV64
#endif

/* Its argument, where those are about fd and pid. */
__attribute__((unused)) static uint64_t
deed_arg(const struct deed *d, int i, int fd, int pid)
{
	if (d->arg[i] == DEED_FD)
		return (uint64_t)(int64_t)fd;
	return d->arg[i] == DEED_PID ? (uint64_t)pid : d->arg[i];
}

/* The filter's result (seccomp(2)); 0, the strictest, if it is not a filter. */
__attribute__((unused)) static uint32_t
deed_run(const struct sock_filter *code, size_t n, const void *data)
{
	const struct sock_filter *p;
	uint32_t a = 0;
	size_t at = 0;

	while (at < n) {
		p = &code[at++];
		switch (p->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (p->k > sizeof(struct seccomp_data) - sizeof(a))
				return 0;
			memcpy(&a, (const char *)data + p->k, sizeof(a));
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= p->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += a == p->k ? p->jt : p->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			at += a & p->k ? p->jt : p->jf;
			break;
		case BPF_RET | BPF_K:
			return p->k;
		default:
			return 0;
		}
	}
	return 0;
}

/* Does the filter allow it to process pid?  1 or 0. */
__attribute__((unused)) static int
deed_allowed(const struct deed *d, const struct sock_filter *code, size_t n,
    int fd, int pid)
{
	struct seccomp_data data = {.nr = (int)d->call, .arch = DEEDS_ARCH};
	int i;

	for (i = 0; i < 6; i++)
		data.args[i] = deed_arg(d, i, fd, pid);
	return deed_run(code, n, &data) == SECCOMP_RET_ALLOW;
}

#endif
