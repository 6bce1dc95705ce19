/* Questions on a real terminal: a pseudo-terminal with a session of its own.
 * SPDX-License-Identifier: ISC */
#include <sys/resource.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "tap.h"
#include "term/tty.h"

enum { PATIENCE = 20000 };

static int master; /* the person's side */
static int results[2], go[2]; /* pipes: from the asker, and to it */
static int rival[2]; /* a pipe: when the rival is to ask */
static pid_t leader, asker;
static char seen[8192];
static size_t seen_n;

/* What one asker does. */
struct job {
	const char *prompt;
	int echo, also, cap, ahead, rival;
	int ms; /* until the deadline, or -1 */
	int (*hear)(struct tty_question *q);
	const char *(*refuse)(struct tty_question *q, const char *answer);
};

static void
report(const struct job *j);

static void
compete(void)
{
	static const struct job job[2] = {
	    {.prompt = "two? ", .echo = 1, .also = -1, .ms = 100},
	    {.prompt = "two? ", .echo = 1, .also = -1, .ms = -1}};
	char c;
	int i;

	for (i = 0; i < 2; i++)
		if (read(rival[0], &c, 1) == 1)
			report(&job[i]);
	_exit(0);
}

static void
report(const struct job *j)
{
	char out[300] = "?", line[400];
	struct pollfd pfd = {.fd = 0, .events = POLLIN};
	struct tty_question q = {.prompt = j->prompt,
	    .secret = !j->echo,
	    .watch = j->also,
	    .due = INT64_MAX,
	    .hear = j->hear,
	    .refuse = j->refuse};
	int n;
	pid_t pid = 0;

	if (j->rival && (pid = fork()) == 0)
		compete();
	if (j->ahead)
		(void)poll(&pfd, 1, PATIENCE);
	q.until = j->ms < 0 ? INT64_MAX : clock_ms() + j->ms;
	n = tty_ask(&q, out, j->cap ? (size_t)j->cap : sizeof(out));
	snprintf(line, sizeof(line), "%d:%s\n", n, n < 0 ? "" : out);
	if (write(results[1], line, strlen(line)) < 0)
		_exit(1);
	if (pid)
		waitpid(pid, NULL, 0);
}

/* A session leader on a new terminal, that has one job after the other done by
 * a process group in the foreground, and tells when that stops or ends. */
static void
lead(const struct job *j, int n)
{
	char line[32];
	int i, status;
	pid_t pid;

	signal(SIGTTOU, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		tcsetpgrp(0, getpid());
		signal(SIGTTOU, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		snprintf(line, sizeof(line), "pid %d\n", (int)getpid());
		if (write(results[1], line, strlen(line)) < 0)
			_exit(1);
		for (i = 0; i < n; i++)
			report(&j[i]);
		_exit(0);
	}
	do {
		if (waitpid(pid, &status, WUNTRACED) != pid)
			break;
		tcsetpgrp(0, getpid());
		if (WIFSTOPPED(status))
			snprintf(line, sizeof(line), "stopped %d\n",
			    WSTOPSIG(status));
		else
			snprintf(line, sizeof(line), "%s %d\n",
			    WIFSIGNALED(status) ? "killed" : "ended",
			    WIFSIGNALED(status) ? WTERMSIG(status)
			                        : WEXITSTATUS(status));
		if (write(results[1], line, strlen(line)) < 0)
			break;
		if (WIFSTOPPED(status)) {
			if (read(go[0], line, 1) != 1)
				break;
			tcsetpgrp(0, pid);
			kill(-pid, SIGCONT);
		}
	} while (WIFSTOPPED(status));
	/* The terminal is looked at before its session goes. */
	if (read(go[0], line, 1) < 0)
		_exit(1);
	_exit(0);
}

/* The next line of the results; without its newline. */
static const char *
next(void)
{
	static char line[400];
	struct pollfd pfd = {.fd = results[0], .events = POLLIN};
	size_t n = 0;

	while (n < sizeof(line) - 1 && poll(&pfd, 1, PATIENCE) == 1 &&
	       read(results[0], line + n, 1) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
	return line;
}

static int
result(const char *want)
{
	const char *got = next();

	if (strcmp(got, want) == 0)
		return 1;
	printf("# <%s> instead of <%s>\n", got, want);
	return 0;
}

static void
start(const struct job *j, int n)
{
	seen_n = 0;
	*seen = '\0';
	if (pipe(results) == -1 || pipe(go) == -1)
		exit(1);
	leader = forkpty(&master, NULL, NULL, NULL);
	if (leader == 0) {
		close(go[1]);
		lead(j, n);
	}
	close(results[1]);
	close(go[0]);
	asker = (pid_t)atoi(next() + 4);
}

static void
stop(void)
{
	close(go[1]);
	close(results[0]);
	close(master);
	waitpid(leader, NULL, 0);
}

/* Look at the screen until text is there, since the last call. */
static int
screen(const char *text)
{
	struct pollfd pfd = {.fd = master, .events = POLLIN};
	char *at;
	ssize_t got;

	while (!(at = strstr(seen, text))) {
		if (poll(&pfd, 1, PATIENCE) != 1)
			return 0;
		got = read(master, seen + seen_n, sizeof(seen) - 1 - seen_n);
		if (got <= 0)
			return 0;
		seen_n += (size_t)got;
		seen[seen_n] = '\0';
	}
	at += strlen(text);
	seen_n -= (size_t)(at - seen);
	memmove(seen, at, seen_n + 1);
	return 1;
}

static void
type(const char *text)
{
	if (write(master, text, strlen(text)) < 0)
		ok(0, "typing");
}

/* Until the terminal holds something that nobody looks at: it will be full. */
static void
wait_full(void)
{
	struct pollfd pfd = {.fd = master, .events = POLLIN};

	(void)poll(&pfd, 1, PATIENCE);
}

static int
echoes(void)
{
	struct termios t;

	return tcgetattr(master, &t) == 0 && (t.c_lflag & ECHO) != 0;
}

static void
test_answer(void)
{
	static const struct job jobs[] = {
	    {.prompt = "name? ", .echo = 1, .also = -1, .ms = -1},
	    {.prompt = "a\nb? ", .echo = 1, .also = -1, .ms = -1, .cap = 5},
	    {.prompt = "end? ", .echo = 1, .also = -1, .ms = -1},
	    {.prompt = "late? ", .echo = 1, .also = -1, .ms = 20},
	};

	start(jobs, 4);
	ok(screen("name? "), "a prompt");
	type("bob\n");
	ok(screen("bob\r\n") && result("3:bob"), "an answer");
	ok(screen("a\r\nb? "), "a prompt of two lines");
	type("abcdefgh\n");
	ok(result("4:abcd"), "what does not fit is lost");
	screen("end? ");
	type("\004");
	ok(result("-1:"), "^D: TTY_END");
	ok(screen("late? ") && result("-2:"), "the deadline: TTY_TIME");
	ok(result("ended 0"), "no signal is left over");
	stop();
}

static void
test_secret(void)
{
	static const struct job jobs[] = {
	    {.prompt = "pass? ", .also = -1, .ms = -1},
	    {.prompt = "next? ", .also = -1, .ms = -1, .ahead = 1}};

	start(jobs, 2);
	screen("pass? ");
	ok(!echoes(), "no echo for a secret");
	type("hunter2\n");
	ok(result("7:hunter2"), "a secret");
	ok(screen("\r\n") && echoes(), "the echo is back");
	type("too early\n");
	ok(screen("too early\r\nnext? "), "typed before it was asked");
	type("now\n");
	ok(result("3:now"), "what was typed before is thrown away");
	ok(screen("\r\n") && !strstr(seen, "now"), "nothing of it is shown");
	stop();
}

/* Go on at an `x`, end at anything else. */
static int
heard(struct tty_question *q)
{
	char c = 0;

	return read(q->watch, &c, 1) != 1 || c != 'x';
}

static const char *
not_bob(struct tty_question *q, const char *answer)
{
	(void)q;
	return strcmp(answer, "bob") == 0 ? "not bob: " : NULL;
}

static void
test_also(void)
{
	struct job jobs[2] = {{.prompt = "who? ", .echo = 1, .ms = -1},
	    {.prompt = "whom? ", .echo = 1, .ms = -1, .hear = heard}};
	int also[2];

	if (pipe(also) == -1 || fcntl(also[1], F_SETFD, FD_CLOEXEC) == -1)
		exit(1);
	jobs[0].also = jobs[1].also = also[0];
	start(jobs, 2);
	screen("who? ");
	type("al");
	screen("al");
	if (write(also[1], "x", 1) != 1)
		exit(1);
	ok(result("-3:"), "something else came: TTY_ALSO");
	/* That x is heard by the next one. */
	screen("whom? ");
	type("al");
	screen("al");
	if (write(also[1], "x", 1) != 1)
		exit(1);
	type("ice\n");
	ok(result("5:alice"), "heard, and the same question goes on");
	stop();
	start(&jobs[1], 1);
	screen("whom? ");
	if (write(also[1], "y", 1) != 1)
		exit(1);
	ok(result("-3:"), "heard, and the question ends");
	stop();
	close(also[0]);
	close(also[1]);
}

static void
test_refuse(void)
{
	static const struct job job = {.prompt = "who? ",
	    .echo = 1,
	    .also = -1,
	    .ms = -1,
	    .refuse = not_bob};

	start(&job, 1);
	screen("who? ");
	type("bob\n");
	ok(screen("bob\r\nnot bob: "), "an answer is refused");
	type("al\n");
	ok(result("2:al"), "the next one is taken");
	stop();
}

static void
test_signals(void)
{
	static const struct job job = {
	    .prompt = "pass? ", .also = -1, .ms = -1};
	static const int fatal[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	static char much[300000];
	struct job flood = {.prompt = much, .also = -1, .ms = -1};
	struct job flood_ms = {.prompt = much, .also = -1, .ms = 20};
	char want[32];
	size_t i;

	memset(much, 'x', sizeof(much) - 1);
	for (i = 0; i < sizeof(fatal) / sizeof(*fatal); i++) {
		start(&job, 1);
		screen("pass? ");
		type("half");
		kill(asker, fatal[i]);
		snprintf(want, sizeof(want), "killed %d", fatal[i]);
		ok(result(want) && echoes(),
		    "signal %d: dies of it, the echo is back", fatal[i]);
		stop();
	}
	start(&job, 1);
	screen("pass? ");
	type("\003");
	ok(result("killed 2") && echoes(), "^C");
	stop();

	/* A terminal that shows nothing: full, or stopped by ^S. */
	start(&flood, 1);
	wait_full();
	kill(asker, SIGTERM);
	ok(result("killed 15"), "SIGTERM, in the middle of the prompt");
	stop();
	start(&flood_ms, 1);
	ok(result("-2:"), "the deadline, in the middle of the prompt");
	stop();

	start(&job, 1);
	screen("pass? ");
	type("ha\032");
	snprintf(want, sizeof(want), "stopped %d", SIGTSTP);
	ok(result(want) && echoes(), "^Z: stopped, the echo is back");
	if (write(go[1], "", 1) != 1)
		exit(1);
	ok(screen("pass? ") && !echoes(), "continued: asked again, no echo");
	type("whole\n");
	ok(result("5:whole") && result("ended 0"), "and answered");
	stop();
}

/* A second program of the same session asks while the first does. */
static void
test_turns(void)
{
	static const struct job job = {
	    .prompt = "one? ", .echo = 1, .also = -1, .ms = -1, .rival = 1};

	if (pipe(rival) == -1)
		exit(1);
	start(&job, 1);
	screen("one? ");
	if (write(rival[1], "", 1) != 1)
		exit(1);
	ok(result("-2:") && !strstr(seen, "two? "), "a second waits its turn");
	type("x\n");
	ok(result("1:x"), "the first is answered");
	if (write(rival[1], "", 1) != 1)
		exit(1);
	ok(screen("two? "), "now it is the second's turn");
	type("y\n");
	ok(result("1:y"), "which is answered too");
	stop();
}

static void
test_none(void)
{
	char out[8];
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		_exit(tty_line("? ", out, sizeof(out), 0) != TTY_NONE);
	}
	waitpid(pid, &status, 0);
	ok(status == 0, "no terminal: TTY_NONE");
}

int
main(void)
{
	static const struct rlimit no_core = {0, 0};

	setrlimit(RLIMIT_CORE, &no_core);
	signal(SIGPIPE, SIG_IGN);
	test_answer();
	test_secret();
	test_also();
	test_refuse();
	test_signals();
	test_turns();
	test_none();
	return done();
}
