/* chat-join: run a program between chat-open and chat-seal.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "die.h"
#include "fds.h"

#define USAGE "chat-join [-bu] program ..."

/* The connection and the keys, as chat-handshake leaves them; the user's own
 * stdin and stdout, as the program in the middle finds them. */
enum {
	NET_IN = 6,
	NET_OUT = 7,
	KEY_OPEN = 8,
	KEY_SEAL = 9,
	USER_IN = 3,
	USER_OUT = 5
};

enum { OPEN, MIDDLE, SEAL, ALL };
enum { RUNS = -1 }; /* no status yet */

enum { E_SECONDS = 3 };

/* Be one of the three: in and out become 0 and 1, those of 3 to 9 that are in
 * keep stay open beside them. */
static void
become(const char *const *argv, int in, int out, const char *keep)
{
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (dup2(in, 0) == -1 || dup2(out, 1) == -1)
		die_sys(X_SYS, "dup2");
	for (fd = USER_IN; fd <= KEY_SEAL; fd++)
		if (!strchr(keep, '0' + fd))
			close(fd);
	execvp(argv[0], (char *const *)argv);
	die_sys(errno == ENOENT ? X_NONE : X_EXEC, "%s", argv[0]);
}

static pid_t
start(int which, char **argv, const int to[2], const int from[2], int u)
{
	const char *open[] = {"chat-open", "-k", "8", u ? "-u" : NULL, NULL};
	const char *seal[] = {"chat-seal", "-qk", "9", u ? "-u" : NULL, NULL};
	pid_t pid = fork();

	if (pid == -1)
		die_sys(X_SYS, "fork");
	if (pid > 0)
		return pid;
	if (which == OPEN)
		become(open, NET_IN, to[1], "8");
	if (which == SEAL)
		become(seal, from[0], NET_OUT, "9");
	become((const char *const *)argv, to[0], from[1], "35");
	_exit(X_SYS);
}

/* What a program's end means: its code, 0 for one that only lost its reader;
 * a signal is passed on. */
static int
code(const char *name, int status)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (sig == 0)
		return WEXITSTATUS(status);
	if (sig == SIGPIPE)
		return 0;
	if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP)
		raise(sig);
	say("%s was ended by signal %d", name, sig);
	return X_SYS;
}

static volatile sig_atomic_t listener; /* the pid of chat-open */

static void
enough(int sig)
{
	(void)sig;
	kill((pid_t)listener, SIGTERM);
}

/* Was it ended by force, or could not begin?  Then the others would wait for
 * what never comes. */
static int
failed(int which, int status)
{
	if (WIFSIGNALED(status))
		return WTERMSIG(status) != SIGPIPE;
	return which == SEAL && WEXITSTATUS(status) != 0 &&
	       WEXITSTATUS(status) != X_SYS && WEXITSTATUS(status) != X_TIME;
}

/* Wait for all three; one that failed ends the others: *first is that one, or
 * ALL.  On datagrams e is the end for both ways, and the other
 * side's may never come: when ours has gone, 3 s of silence are enough. */
static void
wait_all(const pid_t pid[ALL], int status[ALL], int u, int *first)
{
	struct sigaction act = {.sa_handler = enough};
	int left, i, j, st, given_up = 0;
	pid_t ended;

	listener = pid[OPEN];
	sigaction(SIGALRM, &act, NULL);
	for (left = ALL; left > 0;) {
		ended = wait(&st);
		if (ended == -1 && errno != EINTR)
			break;
		for (i = 0; ended > 0 && i < ALL; i++) {
			if (pid[i] != ended)
				continue;
			status[i] = st;
			left--;
			if (*first == ALL && !given_up && failed(i, st)) {
				*first = i;
				for (j = 0; j < ALL; j++)
					if (status[j] == RUNS)
						kill(pid[j], SIGTERM);
			}
			if (i == OPEN)
				alarm(0);
			else if (i == SEAL && u)
				given_up = alarm(E_SECONDS) == 0;
		}
	}
	if (given_up && WIFSIGNALED(status[OPEN]) &&
	    WTERMSIG(status[OPEN]) == SIGTERM)
		status[OPEN] = 0;
}

int
main(int argc, char **argv)
{
	int broken = 0, u = 0, first = ALL, c, i, to[2], from[2];
	int status[ALL] = {RUNS, RUNS, RUNS};
	const char *name[ALL] = {"chat-open", NULL, "chat-seal"};
	const char *who = getenv("CHAT_PEER");
	pid_t pid[ALL];

	prog_start(argv[0]);
	while ((c = getopt(argc, argv, "+bu")) != -1)
		switch (c) {
		case 'b':
			broken = 1;
			break;
		case 'u':
			u = 1;
			break;
		default:
			usage(USAGE);
		}
	if (optind == argc)
		usage(USAGE);
	for (i = NET_IN; i <= KEY_SEAL; i++)
		if (!fds_open(i))
			die(X_USE,
			    "descriptor %d is not open: run me by "
			    "chat-handshake",
			    i);
	/* First, so that no pipe gets these numbers. */
	if (dup2(0, USER_IN) == -1 || dup2(1, USER_OUT) == -1)
		die_sys(X_SYS, "dup2");
	if (pipe2(to, O_CLOEXEC) == -1 || pipe2(from, O_CLOEXEC) == -1)
		die_sys(X_SYS, "pipe");
	argv += optind;
	for (i = 0; i < ALL; i++)
		pid[i] = start(i, argv, to, from, u);
	/* What is still held here would keep the ends from being seen. */
	close(0);
	close(1);
	close_range(USER_IN, ~0u, 0);
	wait_all(pid, status, u, &first);
	name[MIDDLE] = argv[0];
	if (first != ALL)
		return code(name[first], status[first]);
	c = code("chat-open", status[OPEN]);
	if (c != 0)
		return c;
	c = code(argv[0], status[MIDDLE]);
	if (c == X_PEER && broken)
		tell("%s broke off the conversation",
		    who ? who : "the other side");
	if (c != 0 && (c != X_SYS || !broken || status[SEAL] == 0))
		return c;
	if (code("chat-seal", status[SEAL]) == 0)
		return 0;
	tell("not all was delivered");
	return X_SYS;
}
