/* mode: a terminal's mode while a line is edited, and the signals after which
 * it must be restored.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/signals.h"
#include "term/mode.h"

/* The first two are always blocked, SIGCONT never. */
static const int ours[] = {
    SIGINT, SIGHUP, SIGTERM, SIGQUIT, SIGTSTP, SIGWINCH, SIGCONT};
enum {
	ALWAYS = 2,
	WITH_TERM,
	OURS = sizeof(ours) / sizeof(*ours),
	CONT = OURS - 1
};

static volatile sig_atomic_t came[OURS];
static sigset_t held, open_mask;
static struct termios before, editing;
static int on, holding, tty = -1;
static pid_t group;

static void
note(int sig)
{
	int i;

	for (i = 0; i < OURS; i++)
		if (ours[i] == sig)
			came[i] = 1;
}

static void
handle(int sig, void (*how)(int))
{
	struct sigaction sa = {.sa_handler = how};

	sigemptyset(&sa.sa_mask);
	if (sig == SIGCONT)
		sa.sa_flags = SA_RESTART;
	sigaction(sig, &sa, NULL);
}

static void
hold(int n)
{
	struct sigaction now;
	int i;

	for (i = 0; i < n; i++) {
		if (sigaction(ours[i], NULL, &now) == -1 ||
		    now.sa_handler == SIG_IGN)
			continue;
		if (i != CONT)
			sigaddset(&held, ours[i]);
		handle(ours[i], note);
	}
	/* mode_wait lets in what was let in at the beginning. */
	(void)signals_hold(&held, holding ? NULL : &open_mask);
	holding = 1;
}

void
mode_hold(int fd)
{
	tty = fd;
	group = getpgrp();
	hold(ALWAYS);
}

void
mode_hold_term(void)
{
	hold(WITH_TERM);
}

/* May we change the terminal's mode?  Any process may if it is not our
 * session's. */
static int
foreground(void)
{
	pid_t now = tcgetpgrp(tty);

	return now == group || now == -1;
}

/* A shell may take the terminal just now; SIGTTOU must not stop us then. */
static int
change(const struct termios *t)
{
	sigset_t set, old;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGTTOU);
	(void)signals_hold(&set, &old);
	r = tcsetattr(tty, TCSANOW, t);
	signals_restore(&old);
	return r;
}

int
mode_edit(int fd)
{
	tty = fd;
	group = getpgrp();
	if (tcgetattr(fd, &before) == -1)
		return -1;
	editing = before;
	editing.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
	editing.c_lflag |= ISIG;
	editing.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | ISTRIP);
	editing.c_oflag |= OPOST | ONLCR;
	editing.c_cc[VMIN] = 1;
	editing.c_cc[VTIME] = 0;
	/* In the background this stops us (SIGTTOU), like any program. */
	if (tcsetattr(fd, TCSANOW, &editing) == -1)
		return -1;
	on = 1;
	hold(OURS);
	return 0;
}

/* Is the mode still ours?  If not, a shell has set its own. */
static int
untouched(void)
{
	struct termios now;

	return tcgetattr(tty, &now) == 0 && now.c_iflag == editing.c_iflag &&
	       now.c_oflag == editing.c_oflag && now.c_lflag == editing.c_lflag;
}

void
mode_restore(void)
{
	if (on && untouched())
		(void)change(&before);
	on = 0;
}

void
mode_again(void)
{
	if (on && foreground())
		(void)change(&editing);
}

void
mode_discard(void)
{
	if (tty != -1 && foreground())
		(void)tcflush(tty, TCIFLUSH);
}

/* Did a signal come that ends the program? */
static int
ending(void)
{
	return came[0] || came[1] || came[2] || came[3];
}

int
mode_stop(void)
{
	mode_restore();
	/* The shell may have stopped and continued us already. */
	if (!came[CONT]) {
		handle(SIGTSTP, SIG_DFL);
		(void)raise(SIGTSTP);
		signals_let(SIGTSTP);
		handle(SIGTSTP, note);
	}
	/* After bg this stops the job again (SIGTTOU), as shells expect; fg
	 * goes on here.  Signals that end us may come meanwhile. */
	signals_restore(&open_mask);
	while (!ending() && !on)
		if (tcsetattr(tty, TCSANOW, &editing) == 0)
			on = 1;
		else if (errno != EINTR)
			break;
	(void)signals_hold(&held, NULL);
	came[CONT] = 0;
	return on ? 0 : -1;
}

int
mode_wait(struct pollfd *p, nfds_t n, int ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000L};

	return ppoll(p, n, ms < 0 ? NULL : &ts,
	    sigisemptyset(&held) ? NULL : &open_mask);
}

int
mode_signal(void)
{
	int i;

	for (i = 0; i < OURS; i++)
		if (came[i]) {
			came[i] = 0;
			return ours[i];
		}
	return 0;
}

unsigned
mode_columns(int fd)
{
	struct winsize w;

	return ioctl(fd, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
}
