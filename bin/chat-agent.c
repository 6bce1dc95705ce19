/* chat-agent: run a program, and let a second process hold the identity, whose
 * passphrase is asked for once.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/chat.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/prog.h"
#include "crypto/secret.h"
#include "peer/holder.h"
#include "peer/identity.h"
#include "sandbox/seccomp.h"

#define USAGE "chat-agent [-f file] program ..."

/* The agent's first byte; others are an exit code. */
enum { HOLDS = 0, NEEDLESS = 1 };

static struct fault f;

static _Noreturn void
report(int fd, int what)
{
	uint8_t byte = (uint8_t)what;

	(void)io_write(fd, &byte, 1);
	_exit(what);
}

/* The agent: read the identity, drop all else the program has, and answer until
 * the program and all its children have ended. */
static _Noreturn void
hold(int fd, const char *path)
{
	static const int ends[] = {SIGHUP, SIGINT, SIGQUIT};
	struct own *own = secret_new(sizeof(*own));
	uint8_t holds = HOLDS;
	size_t i;
	int once;

	if (!own) {
		say("no memory for keys: %s", strerror(errno));
		report(fd, X_SYS);
	}
	once = identity_load(own->secret, path, NULL, &f);
	if (once == -1) {
		say("%s", f.text);
		report(fd, f.code);
	}
	if (once == 0)
		report(fd, NEEDLESS);
	own_here(own);
	/* Signals typed at the terminal are for the program. */
	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		signal(ends[i], SIG_IGN);
	if (dup2(fd, 0) == -1)
		report(fd, X_SYS);
	close(1);
	close_range(3, ~0u, 0);
	prog_caged(seccomp_enter(MAY_RECVMSG, -1), "seccomp");
	close(2);
	(void)io_write(0, &holds, 1);
	holder_serve(0, own);
	secret_free(own);
	_exit(0);
}

/* Start the agent as a grandchild: the program must have only its own children.
 * Our end of its socket, or -1 if no agent is needed. */
static int
begin(const char *path)
{
	int pair[2], st;
	uint8_t what;
	ssize_t n;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		die_sys(X_SYS, "socketpair");
	pid = fork();
	if (pid == 0) {
		pid = fork();
		if (pid == 0) {
			close(pair[0]);
			hold(pair[1], path);
		}
		close(pair[1]);
		/* Collect an agent that will not stay. */
		if (pid != -1 &&
		    (recv(pair[0], &what, 1, MSG_PEEK) != 1 || what != HOLDS))
			(void)waitpid(pid, NULL, 0);
		_exit(pid == -1);
	}
	if (pid == -1 || waitpid(pid, &st, 0) == -1 || st != 0)
		die_sys(X_SYS, "fork");
	close(pair[1]);
	n = io_read(pair[0], &what, 1);
	if (n != 1)
		die(X_SYS, "the process that asks was ended");
	if (what == NEEDLESS)
		return -1;
	if (what != HOLDS)
		exit(what);
	return fd_high(pair[0]);
}

int
main(int argc, char **argv)
{
	const char *opt[128] = {0};
	char number[12];
	int fd;

	prog_start(argv[0]);
	argv += prog_options(opt, argc, argv, "f:", USAGE);
	if (!*argv)
		usage(USAGE);
	unsetenv(CHAT_ID_FD);
	fd = begin(opt['f']);
	if (fd != -1) {
		snprintf(number, sizeof(number), "%d", fd);
		if (fd_cloexec(fd, 0) == -1 ||
		    setenv(CHAT_ID_FD, number, 1) == -1)
			die_sys(X_SYS, "environment");
	}
	execvp(argv[0], argv);
	die_sys(errno == ENOENT ? X_NONE : X_EXEC, "%s", argv[0]);
}
