/* seccomp: give up the system calls that a filter does not need.
 * SPDX-License-Identifier: ISC */
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <termios.h>
#include <unistd.h>

#include "sandbox/seccomp.h"

#if defined(SECCOMP_ARCH) && !defined(NO_SANDBOX)

/* Allowed with any arguments. */
static const uint32_t calls[] = {
#ifdef SYS_poll
    SYS_poll,
#endif
    SYS_read, SYS_write, SYS_ppoll, SYS_recvfrom, SYS_readv, SYS_writev,
    SYS_shutdown, SYS_close, SYS_getsockopt, SYS_brk, SYS_munmap, SYS_mremap,
    SYS_madvise, SYS_mlock, SYS_munlock, SYS_futex, SYS_getrandom,
    SYS_clock_gettime, SYS_gettimeofday, SYS_clock_nanosleep, SYS_nanosleep,
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_restart_syscall,
    SYS_getpid, SYS_gettid, SYS_exit, SYS_exit_group};

static const uint32_t file_calls[] = {SYS_faccessat2, SYS_newfstatat, SYS_fstat,
    SYS_fstatfs, SYS_faccessat, SYS_getcwd, SYS_getdents64, SYS_readlinkat,
    SYS_lseek, SYS_pread64, SYS_splice, SYS_ftruncate, SYS_fsync, SYS_syncfs,
    SYS_sync_file_range, SYS_flock, SYS_symlinkat, SYS_linkat, SYS_renameat2,
    SYS_unlinkat, SYS_utimensat, SYS_umask};

static const uint32_t server_calls[] = {
#ifdef SYS_epoll_wait
    SYS_epoll_wait,
#endif
    SYS_epoll_pwait, SYS_epoll_ctl, SYS_accept4, SYS_recvmmsg, SYS_sendmmsg,
    SYS_splice, SYS_pipe2, SYS_dup, SYS_getpeername, SYS_getsockname};

enum { HIGH = 8 }; /* the upper half; what else is tested here has none */

/* Allowed with these arguments, to a process that may `may` (0: to all).
 * TIOCSTI would type for the user; F_SETOWN would signal other processes. */
static const struct rule {
	unsigned may;
	uint32_t call;
	struct test {
		enum { ANY, IS, LACKS, FD, PID } test;
		uint32_t arg, value;
	} test[2];
} rules[] = {
    {0, SYS_sendto, {{IS, 4, 0}, {IS, HIGH + 4, 0}}}, /* without an address */
    {MAY_SENDMSG, SYS_sendmsg, {{ANY, 0, 0}}},
    {MAY_SENDMSG, SYS_signalfd4, {{ANY, 0, 0}}},
    {MAY_RECVMSG, SYS_recvmsg, {{ANY, 0, 0}}},
    {0, SYS_ioctl, {{IS, 1, TCGETS}}}, /* isatty(3) */
    {0, SYS_ioctl, {{IS, 1, FIONREAD}}},
    {0, SYS_ioctl, {{IS, 1, SIOCOUTQ}}},
    {0, SYS_ioctl, {{IS, 1, SIOCOUTQNSD}}},
    {MAY_TERMINAL | MAY_FILES, SYS_ioctl, {{IS, 1, TIOCGWINSZ}}},
    {MAY_TERMINAL, SYS_ioctl, {{IS, 1, TCSETS}}},
    {MAY_TERMINAL, SYS_flock, {{ANY, 0, 0}}}, /* questions lock the terminal */
    {MAY_TERMINAL, SYS_ioctl, {{IS, 1, TCFLSH}}},
    {MAY_TERMINAL, SYS_ioctl, {{IS, 1, TIOCGDEV}}},
    {MAY_TERMINAL, SYS_ioctl, {{IS, 1, TIOCGPGRP}}},
    {MAY_CONTROL, SYS_ioctl, {{FD, 0, 0}}},
    {0, SYS_fcntl, {{IS, 1, F_GETPIPE_SZ}}},
    {0, SYS_fcntl, {{IS, 1, F_SETPIPE_SZ}}},
    {MAY_FILES, SYS_fcntl, {{IS, 1, F_GETFL}}}, /* fdopendir(3) */
    {MAY_FILES, SYS_fcntl, {{IS, 1, F_SETFD}}},
    {MAY_SENDMSG | MAY_SERVE, SYS_fcntl, {{IS, 1, F_DUPFD_CLOEXEC}}},
    {MAY_SENDMSG, SYS_setsockopt, {{IS, 1, SOL_SOCKET}, {IS, 2, SO_SNDBUF}}},
    {MAY_RECVMSG, SYS_setsockopt, {{IS, 1, SOL_SOCKET}, {IS, 2, SO_RCVBUF}}},
    {MAY_RECVMSG, SYS_setsockopt, {{IS, 1, IPPROTO_UDP}, {IS, 2, UDP_GRO}}},
    {MAY_FILES, SYS_openat, {{LACKS, 2, O_PATH}, {LACKS, 3, 07000}}},
    {MAY_FILES, SYS_mkdirat, {{LACKS, 2, 07000}}},
    {MAY_FILES, SYS_fchmod, {{LACKS, 1, 07000}}},
#ifdef SYS_renameat
    {MAY_FOLDER, SYS_renameat, {{FD, 0, 0}, {FD, 2, 0}}},
#endif
    {MAY_FOLDER, SYS_renameat2, {{FD, 0, 0}, {FD, 2, 0}}},
    {MAY_FOLDER, SYS_unlinkat, {{FD, 0, 0}, {IS, 2, 0}}},
    {MAY_FOLDER, SYS_fsync, {{ANY, 0, 0}}},
    {0, SYS_mmap, {{LACKS, 2, PROT_EXEC}}},
    {0, SYS_mprotect, {{LACKS, 2, PROT_EXEC}}},
    {0, SYS_prlimit64, {{IS, 0, 0}}}, /* of this process */
    {0, SYS_tgkill, {{PID, 0, 0}}},
};

enum {
	LOAD = BPF_LD | BPF_W | BPF_ABS,
	NUMBER = offsetof(struct seccomp_data, nr),
	ARGUMENT = offsetof(struct seccomp_data, args)
};

/* A filter program under construction. */
struct writing {
	struct sock_filter *code;
	unsigned n;
	uint32_t fd;
};

static void
add(struct writing *w, unsigned op, unsigned yes, unsigned no, uint32_t k)
{
	w->code[w->n++] =
	    (struct sock_filter){(uint16_t)op, (uint8_t)yes, (uint8_t)no, k};
}

/* Go on if the argument passes; else jump to `fail`. */
static void
try(struct writing *w, const struct test *t, unsigned fail)
{
	uint32_t k = t->test == FD    ? w->fd
	             : t->test == PID ? (uint32_t)getpid()
	                              : t->value;
	int set = t->test == LACKS;

	add(w, LOAD, 0, 0,
	    ARGUMENT + 8 * (t->arg % HIGH) + 4 * (t->arg / HIGH));
	fail -= w->n + 1;
	add(w, BPF_JMP | BPF_K | (set ? BPF_JSET : BPF_JEQ), set ? fail : 0,
	    set ? 0 : fail, k);
}

/* The accumulator holds the call's number, before and after a failed test. */
static void
allow(struct writing *w, const struct rule *r)
{
	unsigned i, n = 0;

	while (n < 2 && r->test[n].test != ANY)
		n++;
	add(w, BPF_JMP | BPF_JEQ | BPF_K, 0, n > 0 ? 2 * n + 2 : 1, r->call);
	for (i = 0; i < n; i++)
		try(w, &r->test[i], w->n + 2 * (n - i) + 1);
	add(w, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
	if (n > 0)
		add(w, LOAD, 0, 0, NUMBER);
}

static void
allow_all(struct writing *w, const uint32_t *call, size_t size)
{
	for (; size > 0; call++, size -= sizeof(*call))
		allow(w, &(struct rule){.call = *call});
}

unsigned
seccomp_filter(
    struct sock_filter code[static SECCOMP_MOST], unsigned may, int fd)
{
	struct writing w = {.code = code, .fd = (uint32_t)fd};
	size_t i;

	add(&w, LOAD, 0, 0, offsetof(struct seccomp_data, arch));
	add(&w, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, SECCOMP_ARCH);
	add(&w, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS);
	add(&w, LOAD, 0, 0, NUMBER);
	allow_all(&w, calls, sizeof(calls));
	if (may & MAY_FILES)
		allow_all(&w, file_calls, sizeof(file_calls));
	if (may & MAY_SERVE)
		allow_all(&w, server_calls, sizeof(server_calls));
	for (i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (!rules[i].may || may & rules[i].may)
			allow(&w, &rules[i]);
	add(&w, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS);
	return w.n;
}

#else

unsigned
seccomp_filter(
    struct sock_filter code[static SECCOMP_MOST], unsigned may, int fd)
{
	return (void)code, (void)may, (void)fd, 0;
}

#endif

int
seccomp_bind(struct sock_filter *code, unsigned n, unsigned flags)
{
	struct sock_fprog p = {.len = (unsigned short)n, .filter = code};

	flags |= SECCOMP_FILTER_FLAG_TSYNC;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	               syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &p)
	           ? -1
	           : 0;
}

int
seccomp_enter(unsigned may, int fd)
{
	struct sock_filter code[SECCOMP_MOST];
	unsigned n = seccomp_filter(code, may, fd);

	errno = ENOSYS;
	/* Without SPEC_ALLOW the kernel may slow us down to guard against
	 * untrusted code in this process, such as scripts: it runs none. */
	return n == 0 ? -1
	              : seccomp_bind(code, n, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
}
