/* signals: signals that are blocked, read from a descriptor and released.
 * SPDX-License-Identifier: ISC */
#include <sys/signalfd.h>

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/signals.h"

void
signals_add(sigset_t *set, const int *some, size_t n)
{
	struct sigaction now;
	size_t i;

	for (i = 0; i < n; i++)
		if (sigaction(some[i], NULL, &now) == 0 &&
		    now.sa_handler != SIG_IGN)
			sigaddset(set, some[i]);
}

void
signals_ends(sigset_t *set)
{
	static const int ends[] = {SIGHUP, SIGINT, SIGTERM};

	signals_add(set, ends, sizeof(ends) / sizeof(*ends));
}

int
signals_hold(const sigset_t *set, sigset_t *before)
{
	if (sigismember(set, SIGCHLD))
		(void)signal(SIGCHLD, SIG_DFL);
	return sigprocmask(SIG_BLOCK, set, before);
}

int
signals_fd(const sigset_t *set)
{
	return fd_high(signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK));
}

int
signals_read(int fd)
{
	struct signalfd_siginfo info;

	return read(fd, &info, sizeof(info)) == sizeof(info)
	           ? (int)info.ssi_signo
	           : 0;
}

void
signals_restore(const sigset_t *before)
{
	(void)sigprocmask(SIG_SETMASK, before, NULL);
}

void
signals_let(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}
