/* seccomp: give up all that a filter does not need, by seccomp.
 * SPDX-License-Identifier: ISC */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <termios.h>

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "sandbox/seccomp.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#endif

/* What a process does besides. */
enum more { NO_MORE, FILES, SERVER };

#if defined(ARCH) && !defined(NO_SANDBOX)

/* What is allowed whatever its arguments are. */
static const uint32_t calls[] = {
#ifdef SYS_poll
    SYS_poll,
#endif
    SYS_ppoll, SYS_read, SYS_readv, SYS_write, SYS_writev, SYS_recvfrom,
    SYS_recvmsg, SYS_sendto, SYS_sendmsg, SYS_shutdown, SYS_close, SYS_fcntl,
    SYS_getsockopt, SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_mlock,
    SYS_munlock, SYS_futex, SYS_getrandom, SYS_clock_gettime, SYS_gettimeofday,
    SYS_clock_nanosleep, SYS_nanosleep, SYS_rt_sigaction, SYS_rt_sigprocmask,
    SYS_rt_sigreturn, SYS_restart_syscall, SYS_getpid, SYS_gettid, SYS_exit,
    SYS_exit_group, SYS_signalfd4};

/* What is allowed besides to who has to do with files. */
static const uint32_t file_calls[] = {
#ifdef SYS_readlink
    SYS_readlink,
#endif
#ifdef SYS_faccessat2
    SYS_faccessat2,
#endif
    SYS_openat, SYS_newfstatat, SYS_fstat, SYS_fstatfs, SYS_faccessat,
    SYS_getcwd, SYS_getdents64, SYS_readlinkat, SYS_lseek, SYS_pread64,
    SYS_splice, SYS_ftruncate, SYS_fsync, SYS_syncfs, SYS_sync_file_range,
    SYS_flock, SYS_mkdirat, SYS_symlinkat, SYS_linkat, SYS_renameat2,
    SYS_unlinkat, SYS_fchmod, SYS_utimensat, SYS_umask};

/* What is allowed besides to a server that takes calls. */
static const uint32_t server_calls[] = {
#ifdef SYS_epoll_wait
    SYS_epoll_wait,
#endif
    SYS_epoll_pwait, SYS_epoll_ctl, SYS_accept4, SYS_recvmmsg, SYS_sendmmsg,
    SYS_splice, SYS_pipe2, SYS_dup, SYS_getpeername, SYS_getsockname};

/* What is allowed where an argument has one of these values, some of it only to
 * who has to do with a terminal.  TIOCSTI, which types for the user, is not among
 * them. */
static const struct {
	uint32_t call, arg, value;
	int terminal;
} with[] = {
    {SYS_prlimit64, 0, 0, 0}, /* its own */
    {SYS_ioctl, 1, TCGETS, 0}, /* isatty(3) */
    {SYS_ioctl, 1, TCSETS, 1},
    {SYS_ioctl, 1, TCFLSH, 1},
    {SYS_ioctl, 1, TIOCGWINSZ, 1},
    {SYS_ioctl, 1, TIOCGDEV, 1},
    {SYS_ioctl, 1, TIOCGPGRP, 1},
    {SYS_ioctl, 1, FIONREAD, 0},
    {SYS_ioctl, 1, SIOCOUTQ, 0},
    {SYS_ioctl, 1, SIOCOUTQNSD, 0},
    {SYS_setsockopt, 1, SOL_SOCKET, 0},
    {SYS_setsockopt, 1, IPPROTO_TCP, 0},
    {SYS_setsockopt, 1, IPPROTO_UDP, 0},
};

enum {
	EACH = 5, /* instructions for a rule about an argument */
	MOST = 8 + 2 * (sizeof(calls) + sizeof(file_calls)) / sizeof(*calls) +
	       EACH * (7 + sizeof(with) / sizeof(*with))
};

static struct sock_filter code[MOST];
static unsigned n;

static void
add(unsigned op, unsigned yes, unsigned no, uint32_t k)
{
	code[n++] =
	    (struct sock_filter){(uint16_t)op, (uint8_t)yes, (uint8_t)no, k};
}

static void
load(size_t offset)
{
	add(BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

/* Allow a call, its number being loaded, if the test of its argument's lower
 * half with k comes out as wanted. */
static void
allow_if(uint32_t call, uint32_t arg, unsigned test, uint32_t k, int wanted)
{
	add(BPF_JMP | BPF_JEQ | BPF_K, 0, EACH - 1, call);
	load(offsetof(struct seccomp_data, args[arg]));
	add(BPF_JMP | test | BPF_K, !wanted, wanted, k);
	add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
	load(offsetof(struct seccomp_data, nr));
}

static void
allow(const uint32_t *call, size_t count)
{
	for (; count > 0; call++, count--) {
		add(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, *call);
		add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
	}
}

static void
enter(enum more what, int terminal, int folder)
{
	struct sock_fprog rules = {.filter = code};
	size_t i;

	load(offsetof(struct seccomp_data, arch));
	add(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, ARCH);
	add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS);
	load(offsetof(struct seccomp_data, nr));
	allow(calls, sizeof(calls) / sizeof(*calls));
	if (what == FILES)
		allow(file_calls, sizeof(file_calls) / sizeof(*file_calls));
	if (what == SERVER)
		allow(
		    server_calls, sizeof(server_calls) / sizeof(*server_calls));
	for (i = 0; i < sizeof(with) / sizeof(*with); i++)
		if (terminal || !with[i].terminal)
			allow_if(with[i].call, with[i].arg, BPF_JEQ,
			    with[i].value, 1);
	if (folder != -1) {
#ifdef SYS_renameat
		allow_if(SYS_renameat, 0, BPF_JEQ, (uint32_t)folder, 1);
#endif
		allow_if(SYS_renameat2, 0, BPF_JEQ, (uint32_t)folder, 1);
		allow_if(SYS_unlinkat, 0, BPF_JEQ, (uint32_t)folder, 1);
		add(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_fsync);
		add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
	}
	allow_if(SYS_mmap, 2, BPF_JSET, PROT_EXEC, 0);
	allow_if(SYS_mprotect, 2, BPF_JSET, PROT_EXEC, 0);
	allow_if(SYS_tgkill, 0, BPF_JEQ, (uint32_t)getpid(), 1);
	add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS);
	rules.len = (unsigned short)n;
	/* Without that flag the kernel may slow the processor down, against
	 * code that reads its own process's memory: there is none here. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		(void)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		    SECCOMP_FILTER_FLAG_SPEC_ALLOW | SECCOMP_FILTER_FLAG_TSYNC,
		    &rules);
}

#else

static void
enter(enum more what, int terminal, int folder)
{
	(void)folder;
	(void)what;
	(void)terminal;
}

#endif

void
seccomp_enter(void)
{
	enter(NO_MORE, 0, -1);
}

void
seccomp_enter_files(void)
{
	enter(FILES, 1, -1);
}

void
seccomp_enter_terminal(void)
{
	enter(NO_MORE, 1, -1);
}

void
seccomp_enter_server(void)
{
	enter(SERVER, 0, -1);
}

void
seccomp_enter_folder(int folder)
{
	enter(NO_MORE, 1, folder);
}
