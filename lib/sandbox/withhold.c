/* withhold: from a program whose libraries have unknown needs, take what would
 * help an attacker who took it over, by seccomp.
 * SPDX-License-Identifier: ISC */
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>
#include <unistd.h>

#include "sandbox/seccomp.h"
#include "sandbox/withhold.h"

#if defined(SECCOMP_ARCH) && !defined(NO_SANDBOX)

/* A filter cannot see clone3's flags; on ENOSYS libraries use clone. */
static const uint32_t calls[] = {
#ifdef SYS_fork
    SYS_fork, SYS_vfork,
#endif
    SYS_clone3, SYS_execve, SYS_execveat, SYS_socket, SYS_socketpair,
    SYS_seccomp, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4,
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_pidfd_open,
    SYS_pidfd_getfd, SYS_pidfd_send_signal, SYS_kill, SYS_tkill,
    SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_setpriority, SYS_openat2,
    SYS_open_by_handle_at, SYS_name_to_handle_at, SYS_io_uring_setup,
    SYS_io_uring_enter, SYS_io_uring_register, SYS_bpf, SYS_perf_event_open,
    SYS_userfaultfd, SYS_add_key, SYS_request_key, SYS_keyctl, SYS_unshare,
    SYS_setns, SYS_mount, SYS_umount2, SYS_move_mount, SYS_fsopen, SYS_fsmount,
    SYS_open_tree, SYS_pivot_root, SYS_chroot, SYS_fanotify_init,
    SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load,
    SYS_acct, SYS_syslog};

/* Refused where an argument has this value. */
static const struct {
	uint32_t call, arg, value;
} with[] = {
    {SYS_ioctl, 1, TIOCSTI},
    {SYS_ioctl, 1, TIOCLINUX},
    {SYS_ioctl, 1, TIOCSETD},
    {SYS_ioctl, 1, TIOCSCTTY},
    {SYS_ioctl, 1, TIOCSPGRP},
    {SYS_ioctl, 1, TCSETS},
    {SYS_ioctl, 1, TCSETSW},
    {SYS_ioctl, 1, TCSETSF},
    {SYS_ioctl, 1, TCFLSH},
    {SYS_ioctl, 1, FIOASYNC},
    {SYS_ioctl, 1, FIOSETOWN},
    {SYS_ioctl, 1, SIOCSPGRP},
    {SYS_fcntl, 1, F_SETOWN},
    {SYS_fcntl, 1, F_SETOWN_EX},
    {SYS_fcntl, 1, F_SETSIG},
    {SYS_fcntl, 1, F_SETLEASE},
    {SYS_fcntl, 1, F_NOTIFY},
};

enum {
	CALLS = sizeof(calls) / sizeof(*calls),
	WITH = sizeof(with) / sizeof(*with),
	LOAD = BPF_LD | BPF_W | BPF_ABS,
	EQUAL = BPF_JMP | BPF_JEQ | BPF_K,
	BITS = BPF_JMP | BPF_JSET | BPF_K,
	RET = BPF_RET | BPF_K,
	NO = SECCOMP_RET_ERRNO | ENOSYS,
	NUMBER = offsetof(struct seccomp_data, nr),
	ARGUMENT = offsetof(struct seccomp_data, args),
	X32 = 0x40000000 /* x86_64: numbers of the x32 calls */
};

static struct sock_filter code[24 + 2 * CALLS + 5 * (WITH + 8)];
static unsigned short n;

static void
add(unsigned op, unsigned yes, unsigned no, uint32_t k)
{
	code[n++] =
	    (struct sock_filter){(uint16_t)op, (uint8_t)yes, (uint8_t)no, k};
}

/* Refuse the call if its argument has, or lacks, that value or bits. */
static void
refuse(uint32_t call, uint32_t arg, unsigned test, uint32_t k, int has)
{
	add(EQUAL, 0, 4, call);
	add(LOAD, 0, 0, ARGUMENT + 8 * arg);
	add(test, has ? 0 : 1, has ? 1 : 0, k);
	add(RET, 0, 0, NO);
	add(LOAD, 0, 0, NUMBER);
}

int
withhold_enter(void)
{
	size_t i;

	add(LOAD, 0, 0, offsetof(struct seccomp_data, arch));
	add(EQUAL, 1, 0, SECCOMP_ARCH);
	add(RET, 0, 0, SECCOMP_RET_KILL_PROCESS);
	add(LOAD, 0, 0, NUMBER);
	if (SECCOMP_ARCH == AUDIT_ARCH_X86_64) {
		add(BITS, 0, 1, X32);
		add(RET, 0, 0, NO);
	}
	for (i = 0; i < CALLS; i++) {
		add(EQUAL, 0, 1, calls[i]);
		add(RET, 0, 0, NO);
	}
	for (i = 0; i < WITH; i++)
		refuse(with[i].call, with[i].arg, EQUAL, with[i].value, 1);
	refuse(SYS_clone, 0, BITS, CLONE_THREAD, 0);
	refuse(SYS_tgkill, 0, EQUAL, (uint32_t)getpid(), 0);
	refuse(SYS_prlimit64, 0, EQUAL, 0, 0);
	/* Make no set-user-ID programs either. */
	refuse(SYS_openat, 3, BITS, 07000, 1);
	refuse(SYS_fchmod, 1, BITS, 07000, 1);
	refuse(SYS_fchmodat, 2, BITS, 07000, 1);
	add(EQUAL, 0, 6, SYS_fcntl);
	add(LOAD, 0, 0, ARGUMENT + 8);
	add(EQUAL, 0, 3, F_SETFL);
	add(LOAD, 0, 0, ARGUMENT + 16);
	add(BITS, 0, 1, O_ASYNC);
	add(RET, 0, 0, NO);
	add(LOAD, 0, 0, NUMBER);
	add(RET, 0, 0, SECCOMP_RET_ALLOW);
	return seccomp_bind(code, n, 0);
}

#else

int
withhold_enter(void)
{
	errno = ENOSYS;
	return -1;
}

#endif
