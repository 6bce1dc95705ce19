/* chat-join: run a program between chat-open and chat-seal.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "die.h"
#include "fds.h"
#include "kids.h"
#include "tick.h"
#include "tty.h"

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

enum { E_SECONDS = 3, GRACE = 500 /* ms */ };

static const char *opt[128];
static const char *name[ALL] = {"chat-open", NULL, "chat-seal"};
static int status[ALL] = {RUNS, RUNS, RUNS};
static pid_t pid[ALL];
static sigset_t before, waited; /* signals */
static struct kids rest; /* with -u: what the program leaves behind */

/* Be one of the three: in and out become 0 and 1, those of 3 to 9 that are in
 * keep stay open beside them. */
static _Noreturn void
become(const char *const *argv, int in, int out, const char *keep)
{
	int fd;

	sigprocmask(SIG_SETMASK, &before, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (dup2(in, 0) == -1 || dup2(out, 1) == -1)
		die_sys(X_SYS, "dup2");
	for (fd = USER_IN; fd <= KEY_SEAL; fd++)
		if (!strchr(keep, '0' + fd))
			close(fd);
	execvp(argv[0], (char *const *)argv);
	die_sys(errno == ENOENT ? X_NONE : X_EXEC, "%s", argv[0]);
}

static void
start(int which, char **argv, const int to[2], const int from[2])
{
	const char *u = opt['u'] ? "-u" : NULL;
	const char *open[] = {"chat-open", "-k", "8", u, NULL};
	const char *seal[] = {"chat-seal", "-qk", "9", u, NULL};

	pid[which] = fork();
	if (pid[which] == -1)
		die_sys(X_SYS, "fork");
	if (pid[which] > 0)
		return;
	if (which == OPEN)
		become(open, NET_IN, to[1], "8");
	if (which == SEAL)
		become(seal, from[0], NET_OUT, "9");
	become((const char *const *)argv, to[0], from[1], "35");
}

/* What a program's end means: its code, 0 for one that only lost its reader;
 * a signal is passed on. */
static int
code(int which)
{
	int st = status[which], sig = WIFSIGNALED(st) ? WTERMSIG(st) : 0;

	if (sig == 0)
		return WEXITSTATUS(st);
	if (sig == SIGPIPE)
		return 0;
	if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP)
		raise(sig);
	say("%s was ended by signal %d", name[which], sig);
	return X_SYS;
}

/* Have those signals wait that next_end waits for: with -u also the ones that
 * end a call, unless they are ignored. */
static void
block_signals(void)
{
	sigemptyset(&waited);
	sigaddset(&waited, SIGALRM);
	sigaddset(&waited, SIGCHLD);
	if (opt['u'])
		prog_ends(&waited);
	/* Where it is ignored, there is no status to wait for. */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &waited, &before);
}

/* With -u: end what is left, and discard what was typed during the call and not
 * read: the shell would run it.  Then, unless it is 0, die by sig. */
static void
leave_nothing(int sig)
{
	int64_t until = tick_ms() + GRACE;

	while (!sig && waitpid(-1, NULL, WNOHANG) != -1 && tick_ms() < until)
		(void)poll(NULL, 0, 10);
	kids_end(&rest, 0);
	tty_discard(0);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (sig)
		raise(sig);
}

/* Was it ended by force, or could not begin?  Then the others would wait for
 * what never comes. */
static int
failed(int which)
{
	int st = status[which], c = WEXITSTATUS(st);

	if (WIFSIGNALED(st))
		return WTERMSIG(st) != SIGPIPE;
	return which == SEAL && c != 0 && c != X_SYS && c != X_TIME;
}

/* The next of the three to end. */
static int
next_end(void)
{
	int i, st, sig;
	pid_t ended;

	for (;;) {
		ended = waitpid(-1, &st, WNOHANG);
		sig = ended == 0 ? sigwaitinfo(&waited, NULL) : 0;
		if (sig == SIGALRM && status[OPEN] == RUNS)
			kill(pid[OPEN], SIGTERM);
		else if (sig > 0 && sig != SIGCHLD)
			leave_nothing(sig);
		for (i = 0; ended > 0 && i < ALL; i++)
			if (pid[i] == ended) {
				status[i] = st;
				return i;
			}
	}
}

/* Wait for all three; one that failed ends the others: which one, or ALL.  On
 * datagrams e is the end for both ways, and the other side's may never come:
 * when ours has gone, 3 s of silence are enough. */
static int
wait_all(void)
{
	int first = ALL, left, i, j, given_up = 0;

	for (left = ALL; left > 0; left--) {
		i = next_end();
		if (first == ALL && !given_up && failed(i)) {
			first = i;
			for (j = 0; j < ALL; j++)
				if (status[j] == RUNS)
					kill(pid[j], SIGTERM);
		}
		if (i == OPEN)
			alarm(0);
		else if (i == SEAL && opt['u'])
			given_up = alarm(E_SECONDS) == 0;
	}
	if (given_up && WIFSIGNALED(status[OPEN]) &&
	    WTERMSIG(status[OPEN]) == SIGTERM)
		status[OPEN] = 0;
	return first;
}

int
main(int argc, char **argv)
{
	const char *who = getenv("CHAT_PEER");
	int i, first, middle, to[2], from[2];

	prog_start(argv[0]);
	argv += prog_options(opt, argc, argv, "+bu", USAGE);
	if (!*argv)
		usage(USAGE);
	for (i = NET_IN; i <= KEY_SEAL; i++)
		if (!fds_open(i))
			die(X_USE,
			    "descriptor %d is not open: run me by "
			    "chat-handshake",
			    i);
	block_signals();
	if (opt['u'] && kids_init(&rest, 1) == -1)
		die_sys(X_SYS, "prctl");
	/* First, so that no pipe gets these numbers. */
	if (dup2(0, USER_IN) == -1 || dup2(1, USER_OUT) == -1)
		die_sys(X_SYS, "dup2");
	if (pipe2(to, O_CLOEXEC) == -1 || pipe2(from, O_CLOEXEC) == -1)
		die_sys(X_SYS, "pipe");
	name[MIDDLE] = argv[0];
	for (i = 0; i < ALL; i++)
		start(i, argv, to, from);
	/* What is still held here would keep the ends from being seen.  A
	 * terminal has none, and leave_nothing discards what was typed. */
	if (!opt['u'] || !isatty(0))
		close(0);
	close(1);
	close_range(USER_IN, ~0u, 0);
	first = wait_all();
	if (opt['u'])
		leave_nothing(0);
	if (first != ALL)
		return code(first);
	i = code(OPEN);
	if (i != 0)
		return i;
	middle = code(MIDDLE);
	if (middle == X_PEER && opt['b'])
		tell("%s broke off the conversation",
		    who ? who : "the other side");
	if (middle != 0 && (middle != X_SYS || !opt['b'] || status[SEAL] == 0))
		return middle;
	if (code(SEAL) == 0)
		return 0;
	tell("not all was delivered");
	return X_SYS;
}
