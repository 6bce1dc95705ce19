/* tty: a question to the person at the terminal.
 * SPDX-License-Identifier: ISC */
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "io.h"
#include "tick.h"
#include "tty.h"

/* While the terminal is changed these wait for it to be put back. */
static const int ours[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
enum { OURS = sizeof(ours) / sizeof(*ours) };

static volatile sig_atomic_t caught, went_on;

struct question {
	int fd, lock, also;
	int64_t until;
	int echo;
	int changed; /* is the terminal other than `before`? */
	struct termios before;
	struct sigaction acts[OURS], cont;
	sigset_t mask;
};

static void catch (int sig)
{
	went_on = sig == SIGCONT;
	if (!went_on)
		caught = sig;
}

void
tty_path(char path[static TTY_PATH])
{
	int tty = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
	unsigned dev;

	*path = '\0';
	if (ioctl(tty, TIOCGDEV, &dev) == 0 && major(dev) >= 136 &&
	    major(dev) <= 143)
		snprintf(path, TTY_PATH, "/dev/pts/%u",
		    (major(dev) - 136) * 256 + minor(dev));
	close(tty);
}

void
tty_discard(int fd)
{
	pid_t front = tcgetpgrp(fd);

	/* -1: not our controlling terminal, and there are no jobs on it. */
	if (front == -1 || front == getpgrp())
		(void)tcflush(fd, TCIFLUSH);
}

/* What questions on this terminal lock.  /dev/tty is one file for all
 * terminals, so it serves only where the terminal's own cannot be opened. */
static int
lock_file(int tty)
{
	char path[TTY_PATH];
	int fd;

	tty_path(path);
	fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	return fd == -1 ? fcntl(tty, F_DUPFD_CLOEXEC, 3) : fd;
}

/* Is `also` why we wait no longer?  Waits at most ms, with the mask if it is
 * not NULL, for it or for the terminal: 1 the terminal, 0 neither, TTY_. */
static int
watch(struct question *q, int ms, const sigset_t *mask)
{
	struct pollfd pfd[2] = {{.fd = q->also, .events = POLLIN},
	    {.fd = mask ? q->fd : -1, .events = POLLIN}};
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000L};

	if (ppoll(pfd, 2, ms < 0 ? NULL : &ts, mask) == -1)
		return errno == EINTR ? 0 : TTY_END;
	if (pfd[1].revents)
		return 1;
	if (pfd[0].revents)
		return TTY_ALSO;
	return q->until != INT64_MAX && tick_ms() >= q->until ? TTY_TIME : 0;
}

/* Wait for our turn. */
static int
turn(struct question *q)
{
	int left, got;

	while (flock(q->lock, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return 0;
		left = io_left(q->until);
		got = watch(q, left >= 0 && left < 50 ? left : 50, NULL);
		if (got < 0)
			return got;
	}
	return 0;
}

static void
change(struct question *q, int flush)
{
	struct sigaction sa = {.sa_handler = catch};
	struct termios t;
	sigset_t block;
	size_t i;

	caught = 0;
	sigemptyset(&block);
	for (i = 0; i < OURS; i++) {
		sigaction(ours[i], NULL, &q->acts[i]);
		if (q->acts[i].sa_handler == SIG_IGN)
			continue;
		sigaction(ours[i], &sa, NULL);
		sigaddset(&block, ours[i]);
	}
	sigprocmask(SIG_BLOCK, &block, &q->mask);
	sa.sa_flags = SA_RESTART;
	sigaction(SIGCONT, &sa, &q->cont);

	q->changed = tcgetattr(q->fd, &q->before) == 0;
	if (!q->changed)
		return;
	/* Another program may have left it raw. */
	t = q->before;
	t.c_lflag |= ICANON | ISIG | ECHO | ECHOE | ECHOK;
	t.c_iflag |= ICRNL;
	t.c_oflag |= OPOST | ONLCR;
	if (!q->echo) {
		t.c_lflag &= ~(tcflag_t)ECHO;
		t.c_lflag |= ECHONL;
	}
	(void)tcsetattr(q->fd, TCSANOW, &t);
	if (flush)
		(void)tcflush(q->fd, TCIFLUSH);
}

/* The terminal and the signals as they were. */
static void
restore(struct question *q, int flush)
{
	size_t i;

	if (flush)
		(void)tcflush(q->fd, TCIFLUSH);
	if (q->changed)
		(void)tcsetattr(q->fd, TCSANOW, &q->before);
	sigaction(SIGCONT, &q->cont, NULL);
	for (i = 0; i < OURS; i++)
		sigaction(ours[i], &q->acts[i], NULL);
	sigprocmask(SIG_SETMASK, &q->mask, NULL);
}

/* Write, as long as the terminal takes it (it may have been stopped by ^S, or
 * hang): 0, 0 with caught set, or TTY_. */
static int
show(struct question *q, const char *text)
{
	struct pollfd pfd = {.fd = q->fd, .events = POLLOUT};
	size_t n = strlen(text);
	struct timespec ts;
	ssize_t put;
	int ms;

	while (n > 0 && !caught) {
		put = write(q->fd, text, n);
		if (put > 0) {
			text += put;
			n -= (size_t)put;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			return TTY_END;
		ms = io_left(q->until);
		if (ms == 0)
			return TTY_TIME;
		ts = (struct timespec){ms / 1000, ms % 1000 * 1000000L};
		(void)ppoll(&pfd, 1, ms < 0 ? NULL : &ts, &q->mask);
	}
	return 0;
}

/* Take what was typed: 1 the answer is whole, 0 not yet, TTY_END. */
static int
take(struct question *q, char *out, size_t cap, size_t *n)
{
	char some[256];
	ssize_t got;
	int done = 0;

	got = read(q->fd, some, sizeof(some));
	if (got == -1)
		return errno == EAGAIN || errno == EINTR ? 0 : TTY_END;
	if (got == 0)
		return TTY_END;
	if (some[got - 1] == '\n') {
		done = 1;
		got--;
	}
	if ((size_t)got > cap - 1 - *n)
		got = (ssize_t)(cap - 1 - *n);
	memcpy(out + *n, some, (size_t)got);
	*n += (size_t)got;
	explicit_bzero(some, sizeof(some));
	return done;
}

/* A TTY_ constant, or the length. */
static int
ask(struct question *q, const char *prompt, char *out, size_t cap)
{
	int got, fresh = *prompt != '\0';
	size_t n = 0;

	do {
		change(q, fresh);
		got = show(q, prompt);
		while (got == 0 && !caught) {
			got = watch(q, io_left(q->until), &q->mask);
			if (got == 1)
				got = take(q, out, cap, &n);
		}
		/* Nothing of a half-typed secret is for the shell. */
		if (got == TTY_END || got == TTY_TIME || caught)
			(void)!write(q->fd, "\n", 1);
		restore(q, !q->echo && got != 1 && got != TTY_ALSO);
		if (got == 0) {
			/* Dies of it, stops until SIGCONT, or goes on.  If the
			 * shell had the terminal back before it was restored,
			 * SIGTTOU has stopped us, and SIGCONT has come. */
			if (caught != SIGTSTP || !went_on)
				(void)raise(caught);
			got = caught == SIGTSTP ? 0 : TTY_END;
			n = 0;
		}
	} while (got == 0);
	out[n] = '\0';
	return got == 1 ? (int)n : got;
}

int
tty_ask(const char *prompt, char *out, size_t cap, int echo, int also,
    int64_t until)
{
	struct question q = {.also = also, .until = until, .echo = echo};
	int got;

	q.fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (q.fd == -1)
		return TTY_NONE;
	q.lock = lock_file(q.fd);
	got = turn(&q);
	if (got == 0)
		got = ask(&q, prompt, out, cap);
	if (q.lock != -1)
		close(q.lock);
	close(q.fd);
	return got;
}
