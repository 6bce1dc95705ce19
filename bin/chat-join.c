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

/* What is held when all have begun. */
enum { SIGNALS = 3, ERRORS = 4, TERMINAL = 5, STARTS = 6, GATE = 7 };

enum { START = 4 }; /* the program's end of that pipe */

/* LINK is there with -L alone; behind it stand the commands of -r. */
enum { RANKS = 6 };
enum { OPEN, MIDDLE, SEAL, LINK, RANK, ALL = RANK + RANKS };
enum { RUNS = -1 }; /* no status yet */

/* The last two in ms; a listener above has the patience of 3 s (net/children). */
enum { E_SECONDS = 3, FAREWELL = 2800, GRACE = 500 };

static const char *opt[128];
static const char *name[ALL] = {"chat-open", NULL, "chat-seal", "chat-link"};
static struct {
	const char *kinds, *command;
} ranks[RANKS];
static int ranks_n;
static int status[ALL];
static pid_t pid[ALL];
static sigset_t before, waited; /* signals */
static struct children rest; /* with -u: what the program leaves behind */

/* A pipe with numbers above 9, which no program is handed by its number. */
struct joint {
	int out, in; /* to read from, to write into */
};

/* With -b. */
static int errors[2] = {-1, -1}; /* a pipe: 2 of chat-open and chat-seal */
static char said[4096]; /* of that, not yet passed on */
static size_t said_n;
static int terminal = -1, clears; /* the user's; 2 is one, and has ESC [ K */
static struct termios before_all; /* its mode */
/* With -w: the program says how the call was answered; then the commands begin. */
static struct joint starts = {-1, -1}, gate = {-1, -1};
static char answer; /* what it said; 0: nothing yet */
static int listens; /* the user's input is /dev/null, as in chat-text */
static int hung_up; /* the signal that ended the conversation, or 0 */
static int64_t farewell = INT64_MAX; /* how long the others may take then */

/* Be one of them: in and out become 0 and 1, those of 3 to 9 that are in
 * keep stay open beside them. */
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
	/* ^C and a closed window are the program's, which says goodbye. */
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

/* Begin one.  1 in it, 0 in chat-join. */
static int
begin(int which)
{
	pid[which] = fork();
	if (pid[which] == -1)
		die_sys(X_SYS, "fork");
	return pid[which] == 0;
}

/* What a command line has of a descriptor that it hands on. */
static const char *
port(const char *kinds, int fd)
{
	char *text;

	if (fd_cloexec(fd, 0) == -1 ||
	    asprintf(&text, "%s%s%d", kinds, *kinds ? "=" : "", fd) == -1)
		die_sys(X_SYS, "chat-link");
	return text;
}

/* chat-link, which has the program's frames or bytes on two ports, and those of
 * each command; its lines for a window go to that descriptor, if it is not -1. */
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

/* Does it show pictures?  Does it send them, and hear how? */
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

/* What reaches what shows pictures beside them. */
struct beside {
	struct joint lines; /* from chat-link and from what plays the sound */
	struct joint own; /* pictures from what sends them */
};

/* A command of -r, when the call has been answered. */
static _Noreturn void
become_rank(int i, int in, int out, const struct beside *b)
{
	const char *argv[] = {"sh", "-c", ranks[i].command, NULL};
	const char *kinds = ranks[i].kinds;
	/* Whoever plays the sound tells the window how old it is. */
	int lines = shows(kinds)         ? b->lines.out
	            : strchr(kinds, 'a') ? b->lines.in
	                                 : -1;
	int own = shows(kinds) ? b->own.out : codes(kinds) ? b->own.in : -1;
	char go;

	/* The program's own 4 and 5 are others. */
	prepare(in, out, "");
	if ((lines != -1 && dup2(lines, CHAT_WINDOW) == -1) ||
	    (own != -1 && dup2(own, CHAT_OWN) == -1))
		die_sys(X_SYS, "dup2");
	if (opt['w']) {
		/* What else is held would keep ends from being seen. */
		if (dup2(gate.out, 3) == -1 ||
		    close_range(CHAT_OWN + 1, ~0u, 0) == -1)
			die_sys(X_SYS, "dup2");
		if (io_read(3, &go, 1) != 1)
			_exit(0);
		close(3);
	}
	run(argv);
}

/* Begin all, and hold nothing that is between them. */
static void
start(char **argv)
{
	const char *u = opt['u'] ? "-u" : NULL;
	const char *open[8] = {"chat-open", "-k", "8", u};
	const char *seal[] = {"chat-seal", "-qk", "9", u, NULL};
	/* From chat-open, to chat-seal; with -L what the program reads and
	 * writes are others. */
	struct joint opened = joint(), sealed = joint();
	struct joint to[1 + RANKS] = {opened}, from[1 + RANKS] = {sealed};
	/* chat-seal holds one end as long as ours is not delivered. */
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
		(void)port("", ended.in);
		become(seal, sealed.out, CHAT_NET_OUT, "9");
	}
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

/* Have those signals wait that next_end waits for: with -b and -u also the ones
 * that end a call, unless they are ignored, and with -b ^Z. */
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

/* With -b: how the user's terminal is, if there is one, and what the others are
 * to have as 2. */
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

/* The program may have been killed before it could put the terminal back.  A
 * shell that has the terminal has done so itself. */
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

/* Take more of what chat-open and chat-seal say; 0 at its end. */
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

/* How many bytes of it can be passed on: a line, or what is no line and never
 * will be one. */
static size_t
sentence(void)
{
	const char *end = memchr(said, '\n', said_n);

	if (end)
		return (size_t)(end - said) + 1;
	return errors[0] == -1 || said_n == sizeof(said) ? said_n : 0;
}

/* Somebody has written where the program draws its line. */
static void
redraw(void)
{
	if (status[MIDDLE] == RUNS)
		kill(pid[MIDDLE], SIGWINCH);
}

/* Write it; the program has to draw its line anew then. */
static void
pass_on(size_t n)
{
	static const char clear[] = "\r\033[K";
	char out[sizeof(said) + sizeof(clear)];
	size_t at = clears ? sizeof(clear) - 1 : 0;

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

/* A signal ends the call, or the program has died by it.  With -b the program,
 * if it is still there, is to tell the other side, and chat-seal to bring that
 * there. */
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

/* With -u: end what the programs have left behind, which may hold the pipe of
 * errors; without a signal it has a moment to end by itself. */
static void
end_rest(int sig)
{
	int64_t until = clock_ms() + GRACE;

	while (!sig && waitpid(-1, NULL, WNOHANG) != -1 && clock_ms() < until)
		(void)poll(NULL, 0, 10);
	children_end(&rest, 0);
}

/* With -u: end what is left, and discard what was typed during the call and not
 * read: the shell would run it.  Then, unless it is 0, die by sig. */
static void
leave_nothing(int sig)
{
	end_rest(sig);
	tty_discard(0);
	signals_restore(&before);
	if (sig)
		raise(sig);
}

/* Was it ended by force, or could not begin?  Then the others would wait for
 * what never comes. */
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
			kill(pid[i], SIGCONT); /* a stopped one would stay */
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

/* The program has said how the call was answered, or is gone. */
static void
hear_answer(void)
{
	static const char go[RANKS];

	if (io_read(STARTS, &answer, 1) == 1 && answer == CHAT_ANSWERED)
		(void)io_write(GATE, go, (size_t)ranks_n);
	close(STARTS);
	close(GATE);
	starts.out = -1;
}

/* The next of the three to end; ALL when the time for a farewell is over. */
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

/* Was it ended as by ^C, and could say goodbye before that? */
static int
interrupted(int which)
{
	int st = status[which], sig = WIFSIGNALED(st) ? WTERMSIG(st) : 0;

	return opt['b'] && which == MIDDLE && (sig == SIGINT || sig == SIGHUP);
}

/* A command of -r has ended: by itself, as when its window was closed, or it was
 * the last of them.  Then the program is told to hang up; one that failed beside
 * others loses its kinds alone.  After the end chat-link closes them all, and
 * the program ignores it. */
static void
rank_ended(int which)
{
	int st = status[which], i, left = 0;
	int ours = WIFSIGNALED(st) && WTERMSIG(st) == SIGTERM; /* end_others */

	if (opt['w'] && answer != CHAT_ANSWERED)
		return; /* it never began */
	for (i = 0; i < ranks_n; i++)
		left += status[RANK + i] == RUNS;
	if (status[MIDDLE] == RUNS &&
	    (left == 0 || (!ours && code(which) == 0)))
		kill(pid[MIDDLE], SIGTERM);
}

/* Wait for all; one that failed ends the others: which one, or ALL.  On
 * datagrams e is the end for both ways, and the other side's may never come:
 * when ours has gone, 3 s of silence are enough.  chat-link knows both. */
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
			first = i;
			end_others();
		}
		if (i >= RANK)
			rank_ended(i);
		if (i == OPEN)
			alarm(0);
		else if (i == SEAL && opt['u'] && !opt['L'])
			given_up = alarm(E_SECONDS) == 0;
	}
	if (given_up && WIFSIGNALED(status[OPEN]) &&
	    WTERMSIG(status[OPEN]) == SIGTERM)
		status[OPEN] = 0;
	return first;
}

/* The last words of the others, before ours. */
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

/* When all have begun: hold nothing but what is needed.  What else is held
 * would keep the ends from being seen. */
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
	/* leave_nothing discards what was typed. */
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
	/* ^\ mutes: chat-phone takes it, and nobody else. */
	if (strchr(kinds, 'a'))
		signal(SIGQUIT, SIG_IGN);
	ranks[ranks_n].kinds = kinds;
	ranks[ranks_n++].command = eq + 1;
}

/* The first code of the commands that is not 0; that of one which chat-join has
 * ended itself is no failure. */
static int
ranks_code(void)
{
	int i, c = 0;

	for (i = 0; i < ranks_n && c == 0; i++)
		if (!WIFSIGNALED(status[RANK + i]) ||
		    WTERMSIG(status[RANK + i]) != SIGTERM)
			c = code(RANK + i);
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
			    "descriptor %d is not open: run me by "
			    "chat-handshake",
			    i);
	block_signals();
	if (opt['b'])
		hold_terminal();
	if (opt['u'] && children_init(&rest, 1) == -1)
		die_sys(X_SYS, "prctl");
	/* First, so that no pipe gets these numbers. */
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
	if (first != ALL)
		return code(first);
	i = code(OPEN);
	if (i == 0 && opt['L'])
		i = code(LINK);
	middle = code(MIDDLE);
	/* chat-open and chat-link have said what they ended with. */
	if (opt['b'] && answer != CHAT_UNANSWERED && i == 0 && middle == X_PEER)
		tell("%s broke off the conversation",
		    who ? who : "the other side");
	if (i != 0)
		return i;
	if (middle != 0 && (middle != X_SYS || !opt['b'] || status[SEAL] == 0))
		return middle;
	if (code(SEAL) == 0)
		return ranks_code();
	tell("not all was delivered");
	return X_SYS;
}
