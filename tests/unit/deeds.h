/* deeds: what may be asked of a kernel, and what a seccomp filter says to it.
 * SPDX-License-Identifier: ISC */
#ifndef DEEDS_H
#define DEEDS_H

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
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
 * Those of one name stand together. */
#define CALL(name) SYS_##name, #name
#define WITH(name, arg) SYS_##name, #name " " #arg
static const struct deed {
	const char *name;
	long call;
	const char *called;
	uint64_t arg[6];
} deeds[] = {
    {"read and write", CALL(read), {-1}},
    {"read and write", CALL(readv), {-1}},
    {"read and write", CALL(write), {-1}},
    {"read and write", CALL(writev), {-1}},
    {"read and write", CALL(recvfrom), {-1}},
    {"read and write", CALL(sendto), {-1}},
    {"read and write", CALL(shutdown), {-1}},
    {"read and write", CALL(close), {-1}},
#ifdef SYS_poll
    {"wait", CALL(poll), {0}},
#endif
    {"wait", CALL(ppoll), {0, 1000000}},
    {"wait", CALL(futex), {0, 1}},
    {"wait", CALL(nanosleep), {-1}},
    {"wait", CALL(clock_nanosleep), {-1}},
    {"tell the time", CALL(clock_gettime), {-1}},
    {"tell the time", CALL(gettimeofday), {0}},
    {"allocate", CALL(mmap), {0, 0, PROT_READ | PROT_WRITE}},
    {"allocate", CALL(mprotect), {0, 0, PROT_READ}},
    {"allocate", CALL(brk), {0}},
    {"allocate", CALL(munmap), {1}},
    {"allocate", CALL(mremap), {1}},
    {"allocate", CALL(madvise), {1}},
    {"allocate", CALL(mlock), {0}},
    {"allocate", CALL(munlock), {0}},
    {"draw random numbers", CALL(getrandom), {0}},
    {"signal itself", CALL(tgkill), {DEED_PID, -1}},
    {"signal itself", CALL(rt_sigaction), {-1}},
    {"signal itself", CALL(rt_sigprocmask), {-1}},
    {"see its number and limits", CALL(getpid), {0}},
    {"see its number and limits", CALL(gettid), {0}},
    {"see its number and limits", CALL(prlimit64), {0, 99}},
    {"see whether it is a terminal", WITH(ioctl, TCGETS), {-1, TCGETS}},
    {"see how much waits", WITH(ioctl, FIONREAD), {-1, FIONREAD}},
    {"see how much waits", WITH(ioctl, SIOCOUTQ), {-1, SIOCOUTQ}},
    {"see how much waits", WITH(ioctl, SIOCOUTQNSD), {-1, SIOCOUTQNSD}},
    {"see a socket's options", CALL(getsockopt), {-1}},
    {"size a pipe", WITH(fcntl, F_GETPIPE_SZ), {-1, F_GETPIPE_SZ}},
    {"size a pipe", WITH(fcntl, F_SETPIPE_SZ), {-1, F_SETPIPE_SZ}},
    {"receive with control data", CALL(recvmsg), {-1}},
    {"receive many", CALL(recvmmsg), {-1, -1}},
    {"send anywhere with control data", CALL(sendmsg), {-1}},
    {"send many anywhere", CALL(sendmmsg), {-1, -1}},
    {"send one anywhere", CALL(sendto), {-1, 0, 0, 0, 8, 16}},
    {"send one anywhere", CALL(sendto), {-1, 0, 0, 0, (uint64_t)8 << 32, 16}},
    {"tune a socket", WITH(setsockopt, SO_RCVBUF), {-1, SOL_SOCKET, SO_RCVBUF}},
    {"tune a socket", WITH(setsockopt, SO_SNDBUF), {-1, SOL_SOCKET, SO_SNDBUF}},
    {"tune a socket", WITH(setsockopt, UDP_GRO), {-1, IPPROTO_UDP, UDP_GRO}},
    {"filter a socket", WITH(setsockopt, SO_ATTACH_FILTER),
        {-1, SOL_SOCKET, SO_ATTACH_FILTER}},
    {"route a socket", WITH(setsockopt, IP_OPTIONS),
        {-1, IPPROTO_IP, IP_OPTIONS}},
    {"take a call", CALL(accept4), {-1}},
    {"see a socket's addresses", CALL(getpeername), {-1}},
    {"see a socket's addresses", CALL(getsockname), {-1}},
#ifdef SYS_epoll_wait
    {"wait by epoll", CALL(epoll_wait), {-1, -1}},
#endif
    {"wait by epoll", CALL(epoll_pwait), {-1, -1}},
    {"wait by epoll", CALL(epoll_ctl), {-1}},
    {"make a pipe", CALL(pipe2), {0, -1}},
    {"make a signal a descriptor", CALL(signalfd4), {-1, -1}},
    {"move bytes in the kernel", CALL(splice), {-1, 0, -1, 0, 1}},
    {"copy a descriptor", WITH(fcntl, F_DUPFD_CLOEXEC), {-1, F_DUPFD_CLOEXEC}},
    {"copy a descriptor", CALL(dup), {-1}},
    {"open a file", CALL(openat), {-1, 0, O_RDONLY}},
    {"open a file", CALL(lseek), {-1}},
    {"open a file", CALL(pread64), {-1}},
    {"open a file", WITH(fcntl, F_GETFL), {-1, F_GETFL}},
    {"open a file", WITH(fcntl, F_SETFD), {-1, F_SETFD}},
    {"make a file", CALL(openat), {-1, 0, O_WRONLY | O_CREAT, 0644}},
    {"make a file", CALL(ftruncate), {-1}},
    {"make a file", CALL(umask), {022}},
    {"make a folder", CALL(mkdirat), {-1, 0, 0755}},
    {"make a link", CALL(symlinkat), {0, -1}},
    {"make a link", CALL(linkat), {-1, 0, -1}},
    {"look at a file", CALL(newfstatat), {-1}},
    {"look at a file", CALL(fstat), {-1}},
    {"look at a file", CALL(fstatfs), {-1}},
    {"look at a file", CALL(faccessat), {-1}},
    {"look at a file", CALL(faccessat2), {-1}},
    {"look at a file", CALL(readlinkat), {-1}},
    {"look at a file", CALL(getcwd), {0}},
    {"list a folder", CALL(getdents64), {-1}},
    {"change mode and times", CALL(fchmod), {-1, 0755}},
    {"change mode and times", CALL(utimensat), {-1}},
    {"lock a file", CALL(flock), {-1}},
    {"rename and remove", CALL(renameat2), {-1, 0, -1}},
    {"rename and remove", CALL(unlinkat), {-1}},
    {"rename and remove in one folder", CALL(renameat2), {DEED_FD, 0, DEED_FD}},
#ifdef SYS_renameat
    {"rename and remove in one folder", CALL(renameat), {DEED_FD, 0, DEED_FD}},
#endif
    {"rename and remove in one folder", CALL(unlinkat), {DEED_FD}},
    {"bring a file to the disk", CALL(fsync), {-1}},
    {"bring a file to the disk", CALL(syncfs), {-1}},
    {"bring a file to the disk", CALL(sync_file_range), {-1}},
    {"see a window's size", WITH(ioctl, TIOCGWINSZ), {-1, TIOCGWINSZ}},
    {"change a terminal", WITH(ioctl, TCSETS), {-1, TCSETS}},
    {"change a terminal", WITH(ioctl, TCFLSH), {-1, TCFLSH}},
    {"see whose a terminal is", WITH(ioctl, TIOCGDEV), {-1, TIOCGDEV}},
    {"see whose a terminal is", WITH(ioctl, TIOCGPGRP), {-1, TIOCGPGRP}},
    {"control a device", CALL(ioctl), {DEED_FD, 0x5600}},
    {"control any device", CALL(ioctl), {-1, 0x6400}},
    {"start a thread", CALL(clone),
        {CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
            CLONE_SYSVSEM | CLONE_NEWNS | CLONE_FS}},
    {"share memory", CALL(memfd_create), {0, -1}},
    {"map code", WITH(mmap, PROT_EXEC), {0, 0, PROT_EXEC}},
    {"map code", WITH(mprotect, PROT_EXEC), {0, 0, PROT_EXEC}},
    {"type for the user", WITH(ioctl, TIOCSTI), {-1, TIOCSTI}},
    {"have others signalled", WITH(fcntl, F_SETOWN), {-1, F_SETOWN, 1}},
    {"have others signalled", WITH(fcntl, F_SETOWN_EX), {-1, F_SETOWN_EX}},
    {"have others signalled", WITH(fcntl, F_SETSIG), {-1, F_SETSIG, 9}},
    {"have others signalled", WITH(fcntl, F_SETFL), {-1, F_SETFL, O_ASYNC}},
    {"have others signalled", WITH(fcntl, F_SETLEASE), {-1, F_SETLEASE}},
    {"have others signalled", WITH(fcntl, F_NOTIFY), {-1, F_NOTIFY}},
    {"have others signalled", WITH(ioctl, FIOASYNC), {-1, FIOASYNC}},
    {"have others signalled", WITH(ioctl, FIOSETOWN), {-1, FIOSETOWN}},
    {"have others signalled", WITH(ioctl, SIOCSPGRP), {-1, SIOCSPGRP}},
    {"signal others", CALL(kill), {0x7ffffffe}},
    {"signal others", CALL(tgkill), {1, 1}},
    {"signal others", CALL(tkill), {0x7ffffffe}},
    {"signal others", CALL(rt_sigqueueinfo), {0x7ffffffe}},
    {"signal others", CALL(pidfd_send_signal), {-1}},
    {"open by O_PATH", WITH(openat, O_PATH), {-1, 0, O_PATH}},
    {"open otherwise", CALL(openat2), {-1}},
    {"open otherwise", CALL(open_by_handle_at), {-1}},
    {"set the user of a program", CALL(openat),
        {-1, 0, O_WRONLY | O_CREAT, 04755}},
    {"set the user of a program", CALL(fchmod), {-1, 04755}},
    {"make a socket", CALL(socket), {-1}},
    {"make a socket", CALL(socketpair), {-1}},
    {"connect", CALL(connect), {-1}},
    {"connect", CALL(bind), {-1}},
    {"connect", CALL(listen), {-1}},
    {"start a program", CALL(execve), {0}},
    {"start a program", CALL(execveat), {-1}},
    {"start a process", CALL(clone), {CLONE_SIGHAND}},
    {"start a process", CALL(clone3), {0}},
    {"look into others", CALL(ptrace), {-1, 0x7ffffffe}},
    {"look into others", CALL(process_vm_readv), {0x7ffffffe}},
    {"look into others", CALL(prlimit64), {0x7ffffffe, 7}},
    {"look into others", CALL(pidfd_getfd), {-1}},
    {"use the rest of the kernel", CALL(io_uring_setup), {0}},
    {"use the rest of the kernel", CALL(bpf), {-1}},
    {"use the rest of the kernel", CALL(perf_event_open), {0, -1, -1, -1, -1}},
    {"use the rest of the kernel", CALL(userfaultfd), {-1}},
    {"use the rest of the kernel", CALL(add_key), {0}},
    {"use the rest of the kernel", CALL(unshare), {-1}},
    {"use the rest of the kernel", CALL(mount), {0}},
    {"use the rest of the kernel", CALL(seccomp), {-1}},
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

/* From instruction `at` on, does the filter allow a call of that number with any
 * arguments?  a: what was loaded last, if it is known. */
__attribute__((unused)) static int
deed_somehow(const struct sock_filter *code, size_t n, size_t at, long call,
    const int *a)
{
	int number = (int)call, arch = (int)DEEDS_ARCH;
	const struct sock_filter *p;

	while (at < n) {
		p = &code[at++];
		if (p->code == (BPF_RET | BPF_K))
			return p->k == SECCOMP_RET_ALLOW;
		if (p->code == (BPF_LD | BPF_W | BPF_ABS))
			a = p->k == offsetof(struct seccomp_data, nr) ? &number
			    : p->k == offsetof(struct seccomp_data, arch)
			        ? &arch
			        : NULL;
		else if (!a)
			return deed_somehow(code, n, at + p->jt, call, a) ||
			       deed_somehow(code, n, at + p->jf, call, a);
		else if (p->code == (BPF_JMP | BPF_JEQ | BPF_K))
			at += (uint32_t)*a == p->k ? p->jt : p->jf;
		else
			at += (uint32_t)*a & p->k ? p->jt : p->jf;
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
