/* chat-join: run a program between chat-open and chat-seal.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/chat.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/prog.h"
#include "base/signals.h"
#include "net/children.h"
#include "term/tty.h"

#define USAGE                                                                  \
	"chat-join [-buw] [-T seconds] program ...\n"                          \
	"chat-join -L [-bBvw] [-T seconds] [-r kinds=command] ... program ..."

/* Descriptors of chat-join once all programs run. */
enum { SIGNALS = 3, ERRORS = 4, TERMINAL = 5, STARTS = 6, GATE = 7 };

enum { START = 4 }; /* the program's end of that pipe */

/* LINK runs with -L only; after it come the commands of -r. */
enum { RANKS = 6 };
enum { OPEN, MIDDLE, SEAL, LINK, RANK, ALL = RANK + RANKS };
enum { RUNS = -1 }; /* no status yet */

/* FAREWELL and GRACE in ms; a chat-net -l above waits 3 s (net/children). */
enum { E_SECONDS = 3, SEAL_SECONDS = 2, FAREWELL = 2800, GRACE = 500 };

static const char *opt[128];
static const char *name[ALL] = {"chat-open", NULL, "chat-seal", "chat-link"};
static struct {
	const char *kinds, *command;
} ranks[RANKS];
static int ranks_n;
static int status[ALL];
static pid_t pid[ALL];
static sigset_t before, waited; /* signals */
static struct children rest; /* with -u: orphans of the programs */

/* A pipe with numbers above 9, out of the programs' way. */
struct joint {
	int out, in; /* to read from, to write into */
};

/* With -b. */
static int errors[2] = {-1, -1}; /* a pipe: stderr of chat-open and chat-seal */
static char said[4096]; /* read from it, not yet printed */
static size_t said_n;
static int told; /* one of them has said what broke the call off */
static int terminal = -1, clears; /* the user's; clears: 2 knows ESC [ K */
static struct termios before_all; /* its mode */
/* With -w: the program reports how the call was answered; commands wait for
 * it. */
static struct joint starts = {-1, -1}, gate = {-1, -1};
static char answer; /* its report; 0: not yet */
static int listens; /* the user's input is /dev/null, as in chat-text */
static int unsealed; /* chat-seal failed by itself: the others have a moment */
static int hung_up; /* the signal that ended the call, or 0 */
static int64_t farewell = INT64_MAX; /* when the others must have ended */

/* In a child: make in and out its 0 and 1; of 3 to 9 keep only those listed. */
static void
prepare(int in, int out, const char *keep)
{
	int program = strchr(keep, '0' + CHAT_USER_IN) != NULL, fd;

	signals_restore(&before);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (dup2(in, 0) == -1 || dup2(out, 1) == -1)
		die_sys(X_SYS, "dup2");
	for (fd = CHAT_USER_IN; fd <= CHAT_KEY_SEAL; fd++)
		if (!strchr(keep, '0' + fd))
			close(fd);
	if (program && opt['w'] &&
	    (dup2(starts.in, START) == -1 ||
	        setenv(CHAT_START_FD, (char[]){'0' + START, 0}, 1)))
		die_sys(X_SYS, CHAT_START_FD);
	/* ^C and a closed window are for the program, which says goodbye. */
	if (opt['b'] && !program) {
		signal(SIGINT, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
		if (dup2(errors[1], 2) == -1)
			_exit(X_SYS);
	}
}

static _Noreturn void
run(const char *const *argv)
{
	execvp(argv[0], (char *const *)argv);
	die_sys(errno == ENOENT ? X_NONE : X_EXEC, "%s", argv[0]);
}

static _Noreturn void
become(const char *const *argv, int in, int out, const char *keep)
{
	prepare(in, out, keep);
	run(argv);
}

static struct joint
joint(void)
{
	struct joint j;
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) == -1)
		die_sys(X_SYS, "pipe");
	j.out = fd_high(fd[0]);
	j.in = fd_high(fd[1]);
	if (j.out == -1 || j.in == -1)
		die_sys(X_SYS, "pipe");
	return j;
}

/* Fork one.  1 in the child, 0 in chat-join. */
static int
begin(int which)
{
	pid[which] = fork();
	if (pid[which] == -1)
		die_sys(X_SYS, "fork");
	return pid[which] == 0;
}

/* An argument for a descriptor that is handed on. */
static const char *
port(const char *kinds, int fd)
{
	char *text;

	if (fd_cloexec(fd, 0) == -1 ||
	    asprintf(&text, "%s%s%d", kinds, *kinds ? "=" : "", fd) == -1)
		die_sys(X_SYS, "descriptors");
	return text;
}

/* Become chat-link, with two ports for the program and two for each command;
 * its lines for a window go to that descriptor, unless it is -1. */
static _Noreturn void
become_link(int in, int out, const struct joint *to, const struct joint *from,
    int window)
{
	const char *argv[8 + 4 * (1 + RANKS)] = {"chat-link"};
	const char *state = getenv(CHAT_STATE);
	int i, n = 1;

	if (!opt['b'])
		argv[n++] = "-q";
	else if (!listens)
		argv[n++] = "-e";
	if (opt['v'])
		argv[n++] = "-v";

	for (i = 0; i <= ranks_n; i++) {
		argv[n++] = "-i";
		argv[n++] = port(i == 0 && opt['B'] ? "B" : "", from[i].out);
		argv[n++] = "-o";
		argv[n++] = port(i > 0      ? ranks[i - 1].kinds
		                 : opt['B'] ? "B"
		                 : ranks_n  ? "tde"
		                            : "tdeb",
		    to[i].in);
	}
	if (state && *state) {
		argv[n++] = "-s";
		argv[n++] = state;
	}
	if (window != -1) {
		argv[n++] = "-w";
		argv[n++] = port("", window);
	}
	become(argv, in, out, "");
}

/* 1 if such a command shows pictures, or codes them, else 0. */
static int
shows(const char *kinds)
{
	return strpbrk(kinds, "ij") != NULL;
}

static int
codes(const char *kinds)
{
	return strchr(kinds, 'K') != NULL;
}

/* Pipes to the command that shows pictures, beside those. */
struct beside {
	struct joint lines; /* from chat-link and from what plays the sound */
	struct joint own; /* pictures from what sends them */
};

/* Become a command of -r; with -w, once the call is answered. */
static _Noreturn void
become_rank(int i, int in, int out, const struct beside *b)
{
	const char *argv[] = {"sh", "-c", ranks[i].command, NULL};
	const char *kinds = ranks[i].kinds;
	/* The command with the sound tells the window the sound's delay. */
	int lines = shows(kinds)         ? b->lines.out
	            : strchr(kinds, 'a') ? b->lines.in
	                                 : -1;
	int own = shows(kinds) ? b->own.out : codes(kinds) ? b->own.in : -1;
	char go;

	/* A command's 4 and 5 are for the window: not START. */
	prepare(in, out, "");
	if ((lines != -1 && dup2(lines, CHAT_WINDOW) == -1) ||
	    (own != -1 && dup2(own, CHAT_OWN) == -1))
		die_sys(X_SYS, "dup2");
	if (opt['w']) {
		/* Other open ends would keep their readers from seeing the
		 * end. */
		if (dup2(gate.out, 3) == -1 ||
		    close_range(CHAT_OWN + 1, ~0u, 0) == -1)
			die_sys(X_SYS, "dup2");
		if (io_read(3, &go, 1) != 1)
			_exit(0);
		close(3);
	}
	run(argv);
}

/* Start all programs; the pipes between them are closed here on return. */
static void
start(char **argv)
{
	const char *u = opt['u'] ? "-u" : NULL;
	const char *open[8] = {"chat-open", "-k", "8", u};
	const char *seal[] = {"chat-seal", "-qk", "9", u, NULL};
	/* chat-open writes opened and chat-seal reads sealed; with -L chat-link
	 * is between these and the program. */
	struct joint opened = joint(), sealed = joint();
	struct joint to[1 + RANKS] = {opened}, from[1 + RANKS] = {sealed};
	/* chat-seal closes its end when our end is delivered. */
	struct joint ended = joint();
	struct beside beside = {{-1, -1}, {-1, -1}};
	int sends = 0;
	int i, n = opt['u'] ? 4 : 3;

	if (opt['w']) {
		starts = joint();
		gate = joint();
	}
	for (i = 0; opt['L'] && i <= ranks_n; i++) {
		to[i] = joint();
		from[i] = joint();
		if (i > 0 && shows(ranks[i - 1].kinds) && beside.lines.in == -1)
			beside.lines = joint();
		sends |= i > 0 && codes(ranks[i - 1].kinds);
	}
	if (sends && beside.lines.in != -1)
		beside.own = joint();
	if (opt['L'] && begin(LINK))
		become_link(opened.out, sealed.in, to, from, beside.lines.in);
	for (i = 1; i <= ranks_n; i++) {
		name[RANK + i - 1] = ranks[i - 1].command;
		if (begin(RANK + i - 1))
			become_rank(i - 1, to[i].out, from[i].in, &beside);
	}
	if (begin(OPEN)) {
		if (opt['T']) {
			open[n++] = "-T";
			open[n++] = opt['T'];
		}
		if (opt['b'] && !opt['u'] && !listens) {
			open[n++] = "-e";
			open[n++] = port("", ended.out);
		}
		become(open, CHAT_NET_IN, opened.in, "8");
	}
	if (begin(MIDDLE))
		become((const char *const *)argv, to[0].out, from[0].in, "35");
	if (begin(SEAL)) {
		(void)fd_cloexec(ended.in, 0);
		become(seal, sealed.out, CHAT_NET_OUT, "9");
	}
}

/* Nobody reads the program's output any more: chat-link then breaks off, and the
 * commands do, which is not the other side's doing. */
static int
lost_reader(int which)
{
	return WIFSIGNALED(status[which]) && WTERMSIG(status[which]) == SIGPIPE;
}

/* The exit code a program's end stands for; 0 if it only lost its reader.  A
 * signal is raised here, too. */
static int
code(int which)
{
	int st = status[which], sig = WIFSIGNALED(st) ? WTERMSIG(st) : 0;

	if (sig == 0)
		return WEXITSTATUS(st);
	if (lost_reader(which))
		return 0;
	if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP)
		raise(sig);
	say("%s was ended by signal %d", name[which], sig);
	return X_SYS;
}

/* Block the signals that next_end waits for; with -b or -u also those that end
 * a call, unless ignored, and with -b ^Z. */
static void
block_signals(void)
{
	struct sigaction stops;

	sigemptyset(&waited);
	sigaddset(&waited, SIGALRM);
	sigaddset(&waited, SIGCHLD);
	if (opt['b'] || opt['u'])
		signals_ends(&waited);
	if (opt['b'])
		sigaddset(&waited, SIGWINCH);
	if (opt['b'] && sigaction(SIGTSTP, NULL, &stops) == 0 &&
	    stops.sa_handler == SIG_DFL)
		sigaddset(&waited, SIGTSTP);
	(void)signals_hold(&waited, &before);
}

/* With -b: remember the user's terminal and its mode, and make the pipe for the
 * others' stderr. */
static void
hold_terminal(void)
{
	const char *term = getenv("TERM");

	clears = isatty(2) && term && *term && strcmp(term, "dumb") != 0;
	if (tcgetattr(0, &before_all) == 0)
		terminal = fcntl(0, F_DUPFD_CLOEXEC, 10);
	if (pipe2(errors, O_CLOEXEC) == -1)
		die_sys(X_SYS, "pipe");
	errors[0] = fd_high(errors[0]);
	errors[1] = fd_high(errors[1]);
	if (errors[0] == -1 || errors[1] == -1)
		die_sys(X_SYS, "pipe");
}

/* The program may have been killed before it restored the terminal.  If a shell
 * has the terminal, it has done that. */
static void
restore_terminal(void)
{
	static const char off[] = "\r\033[J\033[?7h\033[?2004l"
	                          "\033[?1004l\033[23;2t";
	struct termios now;
	pid_t group;
	sigset_t set;

	if (terminal == -1 || tcgetattr(terminal, &now) == -1 ||
	    (now.c_iflag == before_all.c_iflag &&
	        now.c_oflag == before_all.c_oflag &&
	        now.c_lflag == before_all.c_lflag &&
	        now.c_cflag == before_all.c_cflag &&
	        memcmp(now.c_cc, before_all.c_cc, sizeof(now.c_cc)) == 0))
		return;
	group = tcgetpgrp(terminal);
	if (group != -1 && group != getpgrp())
		return;
	sigemptyset(&set);
	sigaddset(&set, SIGTTOU);
	sigprocmask(SIG_BLOCK, &set, NULL);
	(void)tcsetattr(terminal, TCSANOW, &before_all);
	tty_discard(terminal);
	if (clears && io_wait(terminal, POLLOUT, 0) > 0)
		(void)!write(terminal, off, sizeof(off) - 1);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* Read more of what chat-open and chat-seal print; 0 at the end. */
static int
hear(void)
{
	ssize_t n = io_read(ERRORS, said + said_n, sizeof(said) - said_n);

	if (n <= 0) {
		close(ERRORS);
		errors[0] = -1;
		return 0;
	}
	said_n += (size_t)n;
	return 1;
}

/* How many bytes can be printed: a line, or the rest at the end or in a full
 * buffer. */
static size_t
sentence(void)
{
	const char *end = memchr(said, '\n', said_n);

	if (end)
		return (size_t)(end - said) + 1;
	return errors[0] == -1 || said_n == sizeof(said) ? said_n : 0;
}

/* The program's row on the terminal was overwritten. */
static void
redraw(void)
{
	if (status[MIDDLE] == RUNS)
		kill(pid[MIDDLE], SIGWINCH);
}

/* Print n bytes, a line; the program must draw its row again.  Lines that begin
 * with a program's name are news and figures. */
static void
pass_on(size_t n)
{
	static const char clear[] = "\r\033[K";
	char out[sizeof(said) + sizeof(clear)];
	size_t at = clears ? sizeof(clear) - 1 : 0;

	told |= strncmp(said, "chat-", 5) != 0;
	memcpy(out, clear, at);
	memcpy(out + at, said, n);
	(void)io_write(2, out, at + n);
	memmove(said, said + n, said_n - n);
	said_n -= n;
	if (clears)
		redraw();
}

static void
leave_nothing(int sig);

/* A signal ends the call, or killed the program.  With -b a living program gets
 * SIGHUP, says goodbye, and chat-seal delivers that. */
static void
hang_up(int sig)
{
	if (!opt['b'])
		leave_nothing(sig);
	if (hung_up)
		return;
	hung_up = sig;
	farewell = clock_ms() + FAREWELL;
	if (status[MIDDLE] == RUNS)
		kill(pid[MIDDLE], SIGHUP);
}

/* With -u: end orphans, which may hold the pipe of errors; without a signal
 * give them a moment to end by themselves. */
static void
end_rest(int sig)
{
	int64_t until = clock_ms() + GRACE;

	while (!sig && waitpid(-1, NULL, WNOHANG) != -1 && clock_ms() < until)
		(void)poll(NULL, 0, 10);
	children_end(&rest, 0);
}

/* With -u: end what is left, and discard unread input: the shell would run it.
 * Then raise sig, unless it is 0. */
static void
leave_nothing(int sig)
{
	end_rest(sig);
	tty_discard(0);
	signals_restore(&before);
	if (sig)
		raise(sig);
}

/* Did it crash, or not start?  The others would then wait for ever. */
static int
failed(int which)
{
	int st = status[which], c = WEXITSTATUS(st);

	if (which >= RANK)
		return 0;
	if (WIFSIGNALED(st))
		return WTERMSIG(st) != SIGPIPE;
	return (which == SEAL || which == LINK) && c != 0 && c != X_SYS &&
	       c != X_TIME && c != X_PEER;
}

static void
end_others(void)
{
	int i;

	for (i = 0; i < ALL; i++)
		if (pid[i] > 0 && status[i] == RUNS) {
			kill(pid[i], SIGTERM);
			kill(pid[i], SIGCONT); /* or it would stay */
		}
}

static void
take_signals(void)
{
	int sig;

	while ((sig = signals_read(SIGNALS)) > 0) {
		if (sig == SIGALRM && status[OPEN] == RUNS)
			kill(pid[OPEN], SIGTERM);
		else if (sig == SIGTSTP)
			children_stop(pid[MIDDLE]);
		else if (sig == SIGWINCH)
			redraw();
		else if (sig != SIGALRM && sig != SIGCHLD)
			hang_up(sig);
	}
}

/* Read the program's report how the call was answered, or its end. */
static void
hear_answer(void)
{
	static const char go[RANKS];
	void (*onpipe)(int) = signal(SIGPIPE, SIG_IGN); /* none may wait */

	if (io_read(STARTS, &answer, 1) == 1 && answer == CHAT_ANSWERED)
		(void)io_write(GATE, go, (size_t)ranks_n);
	signal(SIGPIPE, onpipe);
	close(STARTS);
	close(GATE);
	starts.out = -1;
}

/* The next program to end; ALL when the farewell has taken too long. */
static int
next_end(void)
{
	enum { SIGNAL, ERROR, WRITE, ANSWER, ALL_FDS };
	struct pollfd p[] = {{.fd = SIGNALS, .events = POLLIN},
	    {.events = POLLIN}, {.events = POLLOUT}, {.events = POLLIN}};
	pid_t ended;
	size_t n;
	int i, st;

	for (;;) {
		take_signals();
		ended = waitpid(-1, &st, WNOHANG);
		for (i = 0; ended > 0 && i < ALL; i++)
			if (pid[i] == ended) {
				status[i] = st;
				return i;
			}
		if (ended > 0)
			continue;
		if (clock_ms() >= farewell)
			return ALL;
		n = sentence();
		p[ERROR].fd = n == 0 && errors[0] != -1 ? ERRORS : -1;
		p[WRITE].fd = n > 0 ? 2 : -1;
		p[ANSWER].fd = starts.out != -1 ? STARTS : -1;
		if (poll(p, ALL_FDS, io_left(farewell)) == -1)
			continue;
		if (p[ERROR].revents)
			(void)hear();
		if (p[WRITE].revents)
			pass_on(n);
		if (p[ANSWER].revents)
			hear_answer();
	}
}

/* Did the program die by ^C or a closed window? */
static int
interrupted(int which)
{
	int st = status[which], sig = WIFSIGNALED(st) ? WTERMSIG(st) : 0;

	return opt['b'] && which == MIDDLE && (sig == SIGINT || sig == SIGHUP);
}

/* A command of -r has ended.  If it exited with 0 (a closed window), or was the
 * last one, tell the program to hang up.  If it failed beside others, only its
 * kinds are lost.  At the call's end chat-link closes them all; the program
 * then ignores the signal. */
static void
rank_ended(int which)
{
	int st = status[which], i, left = 0;
	int ours = WIFSIGNALED(st) && WTERMSIG(st) == SIGTERM; /* end_others */

	if (opt['w'] && answer != CHAT_ANSWERED)
		return; /* it was never run */
	for (i = 0; i < ranks_n; i++)
		left += status[RANK + i] == RUNS;
	if (status[MIDDLE] == RUNS &&
	    (left == 0 || (!ours && code(which) == 0)))
		kill(pid[MIDDLE], SIGTERM);
}

/* Wait for all.  If one fails, the others are ended: returns which, or ALL.
 * With -u the peer's e may be lost, so 3 s after chat-seal has ended chat-open
 * is ended. chat-link handles both directions itself.  Where chat-seal fails by
 * itself the connection stands, and chat-open would wait: it has 2 s. */
static int
wait_all(void)
{
	int first = ALL, left, i, given_up = 0;

	for (left = opt['L'] ? RANK + ranks_n : LINK; left > 0; left--) {
		i = next_end();
		if (i == ALL) {
			farewell = INT64_MAX;
			end_others();
			first = MIDDLE;
			left++;
			continue;
		}
		if (i == MIDDLE)
			restore_terminal();
		if (interrupted(i))
			hang_up(WTERMSIG(status[i]));
		if (first == ALL && !given_up && !hung_up && failed(i)) {
			first = i == OPEN && unsealed ? SEAL : i;
			end_others();
		}
		if (i >= RANK)
			rank_ended(i);
		if (i == OPEN)
			alarm(0);
		else if (i == SEAL && opt['u'] && !opt['L'])
			given_up = alarm(E_SECONDS) == 0;
		else if (i == SEAL && !opt['u'] && status[OPEN] == RUNS &&
		         WIFEXITED(status[i]) &&
		         WEXITSTATUS(status[i]) == X_SYS)
			unsealed = alarm(SEAL_SECONDS) == 0;
	}
	if (given_up && WIFSIGNALED(status[OPEN]) &&
	    WTERMSIG(status[OPEN]) == SIGTERM)
		status[OPEN] = 0;
	return first;
}

/* Print the rest of the others' messages, before ours. */
static void
hear_out(void)
{
	size_t n;

	while (errors[0] != -1 && hear())
		while ((n = sentence()) > 0)
			pass_on(n);
	while ((n = sentence()) > 0)
		pass_on(n);
}

/* Close all descriptors but those that are needed, once all run: open pipe ends
 * would keep readers from seeing the end. */
static void
hold_little(void)
{
	int signals = signals_fd(&waited);

	if (signals == -1 || dup2(signals, SIGNALS) == -1)
		die_sys(X_SYS, "signalfd");
	if (errors[0] != -1 && dup2(errors[0], ERRORS) == -1)
		die_sys(X_SYS, "dup2");
	if (terminal != -1)
		terminal = dup2(terminal, TERMINAL);
	/* leave_nothing discards unread input. */
	if (!opt['u'] || !isatty(0))
		close(0);
	close(1);
	if (opt['w'] &&
	    (dup2(starts.out, STARTS) == -1 || dup2(gate.in, GATE) == -1))
		die_sys(X_SYS, "dup2");
	if (errors[0] == -1)
		close(ERRORS);
	if (terminal == -1)
		close(TERMINAL);
	close_range(opt['w'] ? GATE + 1 : TERMINAL + 1, ~0u, 0);
}

/* KINDS=COMMAND */
static void
add_rank(const char *text)
{
	const char *eq = strchr(text, '=');
	char *kinds = eq ? strndup(text, (size_t)(eq - text)) : NULL;

	if (eq && !kinds)
		die_memory();
	if (!eq || eq == text || !eq[1])
		die(X_USE, "-r: not KINDS=COMMAND: %s", text);
	if (ranks_n == RANKS)
		die(X_USE, "-r: more than %d", RANKS);
	/* ^\ mutes: only chat-phone must get it. */
	if (strchr(kinds, 'a'))
		signal(SIGQUIT, SIG_IGN);
	ranks[ranks_n].kinds = kinds;
	ranks[ranks_n++].command = eq + 1;
}

/* The commands' first exit code that is not 0, not counting commands that
 * chat-join ended. */
static int
ranks_code(void)
{
	int i, c = 0;

	for (i = 0; i < ranks_n && c == 0; i++)
		if (!WIFSIGNALED(status[RANK + i]) ||
		    WTERMSIG(status[RANK + i]) != SIGTERM)
			c = code(RANK + i);
	if (c == X_PEER && lost_reader(MIDDLE))
		return 0;
	/* In a cut session a command leaves the sentence to the others; but
	 * these have ended well. */
	if (c == X_PEER)
		say("a command's frames broke off");
	return c;
}

int
main(int argc, char **argv)
{
	const char *who = getenv(CHAT_PEER), *rank;
	int i, first, middle;
	struct stat st;
	size_t at = 0;

	for (i = 0; i < ALL; i++)
		status[i] = RUNS;
	prog_start(argv[0]);
	argv += prog_options(opt, argc, argv, "BLT:br:uvw", USAGE);
	unsetenv(CHAT_START_FD);
	while ((rank = prog_again('r', &at)) != NULL)
		add_rank(rank);
	if (!*argv || ((opt['B'] || opt['v'] || ranks_n) && !opt['L']))
		usage(USAGE);
	if (opt['L'])
		opt['u'] = "";
	if (opt['T'])
		(void)prog_number('T', opt['T'], 1, 86400, "number of seconds");
	listens = !isatty(0) && fstat(0, &st) == 0 && S_ISCHR(st.st_mode);
	for (i = CHAT_NET_IN; i <= CHAT_KEY_SEAL; i++)
		if (!fd_open(i))
			die(X_USE,
			    "descriptor %d is not open: run under "
			    "chat-handshake",
			    i);
	block_signals();
	if (opt['b'])
		hold_terminal();
	if (opt['u'] && children_init(&rest, 1) == -1)
		die_sys(X_SYS, "prctl");
	/* First of all, so that pipes do not get these numbers. */
	if (dup2(0, CHAT_USER_IN) == -1 || dup2(1, CHAT_USER_OUT) == -1)
		die_sys(X_SYS, "dup2");
	name[MIDDLE] = argv[0];
	start(argv);
	hold_little();
	first = wait_all();
	restore_terminal();
	if (opt['u'])
		end_rest(hung_up);
	hear_out();
	if (opt['u'])
		leave_nothing(hung_up);
	signals_restore(&before);
	if (hung_up)
		raise(hung_up);
	if (first == SEAL && unsealed)
		tell("not all was delivered");
	if (first != ALL)
		return code(first);
	i = code(OPEN);
	told |= i != 0;
	if (i == 0 && opt['L'] && !lost_reader(MIDDLE))
		i = code(LINK);
	middle = code(MIDDLE);
	/* Then chat-link has only seen that the program broke off. */
	if (opt['b'] && i == X_PEER && !told && middle == X_SYS)
		i = 0;
	/* What chat-open and chat-link say is enough. */
	if (opt['b'] && answer != CHAT_UNANSWERED &&
	    (i == X_PEER ? !told && (middle == 0 || middle == X_PEER)
	                 : i == 0 && middle == X_PEER))
		tell("%s broke off the conversation",
		    who ? who : "the other side");
	if (i != 0)
		return i;
	if (middle != 0 && (middle != X_SYS || !opt['b']))
		return middle;
	if (middle == 0 && code(SEAL) == 0)
		return ranks_code();
	tell("not all was delivered");
	return X_SYS;
}
