/* uncaged program ...: run it where the kernel has neither seccomp filters nor
 * Landlock: asked for them it says EINVAL and EOPNOTSUPP.  77: there are none
 * here anyway.
 * SPDX-License-Identifier: ISC */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	struct sock_filter code[] = {
	    BPF_STMT(
	        BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
	        444 /* landlock_create_ruleset */, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog p = {sizeof(code) / sizeof(*code), code};

	if (argc < 2)
		return 100;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p) == -1)
		return 77;
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
