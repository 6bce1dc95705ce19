/* tty: ask the person at the terminal.
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

#include "base/clock.h"
#include "base/io.h"
#include "base/signals.h"
#include "term/tty.h"

/* Caught while the terminal's mode is changed, so that it gets restored. */
static const int ours[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
enum { OURS = sizeof(ours) / sizeof(*ours) };

static volatile sig_atomic_t caught, went_on;
static int held = -1, held_lock = -1; /* see tty_hold */

struct asking {
	struct tty_question *q;
	int fd, lock;
	int changed; /* is its mode other than `before`? */
	int64_t bell; /* clock_ms() of the next ring; 0: not yet */
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

	/* -1: not our controlling terminal, so it has no jobs. */
	if (front == -1 || front == getpgrp())
		(void)tcflush(fd, TCIFLUSH);
}

/* Questions lock the terminal's own file, since /dev/tty is one file for all
 * terminals.  If it cannot be opened, as after su(1), it is not locked: -1. */
static int
lock_file(void)
{
	char path[TTY_PATH];

	tty_path(path);
	return open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

/* Wait until `when` for q->watch and, with a mask, for the terminal.  1: the
 * terminal; 0: neither; or TTY_. */
static int
watch(struct asking *a, int64_t when, const sigset_t *mask)
{
	struct tty_question *q = a->q;
	struct pollfd pfd[2] = {{.fd = q->watch, .events = POLLIN},
	    {.fd = mask ? a->fd : -1, .events = POLLIN}};
	struct timespec ts;
	int ms;

	when = q->until < when ? q->until : when;
	if (mask && q->bell && clock_ms() >= a->bell) {
		(void)!write(a->fd, "\a", 1);
		a->bell = clock_ms() + q->bell;
	}
	if (mask && q->bell && a->bell < when)
		when = a->bell;
	ms = io_left(q->due < when ? q->due : when);
	ts = (struct timespec){ms / 1000, ms % 1000 * 1000000L};
	if (ppoll(pfd, 2, ms < 0 ? NULL : &ts, mask) == -1)
		return errno == EINTR ? 0 : TTY_END;
	if (pfd[0].revents || clock_ms() >= q->due)
		if (!q->hear || q->hear(q) != 0)
			return TTY_ALSO;
	if (pfd[1].revents)
		return 1;
	return q->until != INT64_MAX && clock_ms() >= q->until ? TTY_TIME : 0;
}

/* Wait until other programs' questions are over. */
static int
turn(struct asking *a)
{
	int got;

	while (flock(a->lock, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return 0;
		got = watch(a, clock_ms() + 50, NULL);
		if (got < 0)
			return got;
	}
	return 0;
}

static void
change(struct asking *q)
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
	(void)signals_hold(&block, &q->mask);
	sa.sa_flags = SA_RESTART;
	sigaction(SIGCONT, &sa, &q->cont);

	q->changed = tcgetattr(q->fd, &q->before) == 0;
	if (!q->changed)
		return;
	/* Another program may have left it in raw mode. */
	t = q->before;
	t.c_lflag |= ICANON | ISIG | ECHO | ECHOE | ECHOK;
	t.c_iflag |= ICRNL;
	t.c_oflag |= OPOST | ONLCR;
	if (q->q->complete)
		t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	if (q->q->secret) {
		t.c_lflag &= ~(tcflag_t)ECHO;
		t.c_lflag |= ECHONL;
	}
	(void)tcsetattr(q->fd, TCSANOW, &t);
}

/* Restore the terminal's mode and the signals. */
static void
restore(struct asking *q, int flush)
{
	size_t i;

	if (flush)
		(void)tcflush(q->fd, TCIFLUSH);
	if (q->changed)
		(void)tcsetattr(q->fd, TCSANOW, &q->before);
	sigaction(SIGCONT, &q->cont, NULL);
	for (i = 0; i < OURS; i++)
		sigaction(ours[i], &q->acts[i], NULL);
	signals_restore(&q->mask);
}

/* Write when the terminal takes it (^S may have stopped it).  0, also with
 * caught set, or TTY_. */
static int
show(struct asking *q, const char *text)
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
		ms = io_left(q->q->until);
		if (ms == 0)
			return TTY_TIME;
		ts = (struct timespec){ms / 1000, ms % 1000 * 1000000L};
		(void)ppoll(&pfd, 1, ms < 0 ? NULL : &ts, &q->mask);
	}
	return 0;
}

/* Read input: 1 the answer is whole, 0 not yet, TTY_END. */
static int
take(struct asking *q, char *out, size_t cap, size_t *n)
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

/* Remove the last letters, on the screen and in the answer. */
static void
erase(struct asking *q, char *out, size_t *n, size_t count)
{
	for (; count > 0; count--) {
		out[--*n] = '\0';
		(void)show(q, "\b \b");
	}
}

static void
add(struct asking *q, char *out, size_t cap, size_t *n, const char *text)
{
	size_t room = cap - 1 - *n, len = strlen(text);

	if (len > room)
		return;
	memcpy(out + *n, text, len + 1);
	*n += len;
	(void)show(q, text);
}

/* As take, when the terminal delivers single keys. */
static int
take_keys(struct asking *q, char *out, size_t cap, size_t *n)
{
	const cc_t *keys = q->before.c_cc;
	unsigned char c;
	ssize_t got;

	while ((got = read(q->fd, &c, 1)) == 1) {
		out[*n] = '\0';
		if (c == '\n') {
			(void)show(q, "\n");
			return 1;
		}
		if (c == keys[VEOF] && *n == 0)
			return TTY_END;
		if (c == keys[VKILL])
			erase(q, out, n, *n);
		else if (c == keys[VERASE] || c == '\b' || c == 0x7f)
			erase(q, out, n, *n > 0);
		else if (c == '\t')
			add(q, out, cap, n, q->q->complete(q->q, out));
		else if (c >= ' ' && c < 0x7f)
			add(q, out, cap, n, (char[2]){(char)c, '\0'});
	}
	return got == -1 && (errno == EAGAIN || errno == EINTR) ? 0 : TTY_END;
}

/* Show the question and forget input so far.  Returns as show. */
static int
put(struct asking *q, const char *prompt, size_t *n)
{
	*n = 0;
	(void)tcflush(q->fd, TCIFLUSH);
	return show(q, prompt);
}

/* The length of the answer, or a TTY_ constant. */
static int
ask(struct asking *q, char *out, size_t cap)
{
	struct tty_question *asked = q->q;
	const char *again;
	size_t n;
	int got;

	do {
		change(q);
		got = put(q, asked->prompt, &n);
		while (got == 0 && !caught) {
			got = watch(q, INT64_MAX, &q->mask);
			if (got == 1)
				got = (asked->complete ? take_keys : take)(
				    q, out, cap, &n);
			if (got != 1)
				continue;
			out[n] = '\0';
			again =
			    asked->refuse ? asked->refuse(asked, out) : NULL;
			if (again)
				got = put(q, again, &n);
		}
		if (got == TTY_END || got == TTY_TIME || caught)
			(void)!write(q->fd, "\n", 1);
		/* Discard half-typed input, so that the shell does not get
		 * it. */
		restore(q, got != 1);
		if (got == 0) {
			/* While we are stopped others may ask. */
			(void)flock(q->lock, LOCK_UN);
			/* This ends or stops us, until SIGCONT; or it goes on:
			 * if the shell took the terminal before restore(),
			 * SIGTTOU stopped us already and SIGCONT came. */
			if (caught != SIGTSTP || !went_on)
				(void)raise(caught);
			got = caught == SIGTSTP ? turn(q) : TTY_END;
		}
	} while (got == 0);
	return got == 1 ? (int)n : got;
}

static int
own(void)
{
	return open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

int
tty_hold(void)
{
	if (held == -1) {
		held = own();
		held_lock = lock_file();
	}
	return held == -1 ? TTY_NONE : 0;
}

int
tty_ask(struct tty_question *question, char *out, size_t cap)
{
	struct asking q = {.q = question};
	int got;

	*out = '\0';
	q.fd = held != -1 ? held : own();
	if (q.fd == -1)
		return TTY_NONE;
	q.lock = held != -1 ? held_lock : lock_file();
	got = turn(&q);
	if (got == 0)
		got = ask(&q, out, cap);
	if (held != -1)
		(void)flock(q.lock, LOCK_UN);
	else if (q.lock != -1)
		close(q.lock);
	if (q.fd != held)
		close(q.fd);
	return got;
}

int
tty_line(const char *prompt, char *out, size_t cap, int secret)
{
	struct tty_question q = {.prompt = prompt,
	    .secret = secret,
	    .until = INT64_MAX,
	    .watch = -1,
	    .due = INT64_MAX};

	return tty_ask(&q, out, cap);
}

int
tty_yes(const char *answer)
{
	return *answer == 'y' || *answer == 'Y';
}
