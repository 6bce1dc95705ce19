/* server: a child process for each call.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "net/children.h"
#include "net/server.h"

enum { PAUSE = 100, LOOK = 1000 }; /* ms */

struct house {
	const struct server *s;
	struct children kids;
	struct pollfd *p; /* signals, calls, stdin, kids.max pipes */
	int person; /* stdin is a terminal, and ^D ends the waiting */
	int left; /* it has */
	int signals; /* signalfd */
	int stop; /* the signal that came, or 0 */
	int64_t paused; /* until then no call is taken; 0: no trouble */
};

/* Signals become input, except those that are ignored here: nohup. */
static int
catch_signals(sigset_t *before)
{
	static const int ours[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
	struct sigaction old;
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
		sigaction(ours[i], NULL, &old);
		if (old.sa_handler != SIG_IGN)
			sigaddset(&set, ours[i]);
	}
	/* Where it was ignored, children would leave no status. */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &set, before);
	return fd_high(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

static void
read_signals(struct house *h)
{
	struct signalfd_siginfo info;

	while (read(h->signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo == SIGTSTP)
			children_stop(h->kids.picked);
		else if (info.ssi_signo != SIGCHLD)
			h->stop = (int)info.ssi_signo;
}

static int
known(void *arg, const struct addr *peer)
{
	return children_known(&((struct house *)arg)->kids, peer);
}

/* A call has come, it seems. */
static void
answer(struct house *h)
{
	char text[100];
	struct addr peer;
	int fd = listen_take(h->s->at, &peer), bad;

	bad = fd == -1 ? errno == EMFILE || errno == ENFILE ||
	                     errno == ENOBUFS || errno == ENOMEM
	               : children_begin(&h->kids, fd, &peer, h->s->run) == -1;
	/* What the machine has too few of may come free; no use in spinning.
	 * Any other trouble is about that one call. */
	if (bad && !h->paused) {
		snprintf(text, sizeof(text), "cannot take a call: %s",
		    strerror(errno));
		h->s->note(1, text);
	}
	h->paused = bad ? clock_ms() + PAUSE : 0;
	if (fd != -1)
		close(fd);
}

/* Is there somebody whose ^D is for us, and nobody else who could read it? */
static int
front(const struct house *h)
{
	return h->person && !h->kids.picked && h->kids.n == 0 &&
	       tcgetpgrp(STDIN_FILENO) == getpgrp();
}

/* What is typed while nobody is there is discarded. */
static void
read_person(struct house *h)
{
	char some[256];
	ssize_t n = read(STDIN_FILENO, some, sizeof(some));

	h->left = n == 0;
	if (n == -1 && errno != EINTR && errno != EAGAIN)
		h->person = 0;
}

/* Wait for what comes first, and see to it.  0, or -1 and errno. */
static int
turn(struct house *h, int64_t until)
{
	int place = !h->kids.picked && h->kids.n < h->kids.max;
	int open = place && clock_ms() >= h->paused, i;
	int looks = front(h);
	nfds_t n = 3;

	h->p[0] = (struct pollfd){.fd = h->signals, .events = POLLIN};
	h->p[1] =
	    (struct pollfd){.fd = open ? h->s->at->fd : -1, .events = POLLIN};
	h->p[2] =
	    (struct pollfd){.fd = looks ? STDIN_FILENO : -1, .events = POLLIN};
	/* Coming to the foreground is not an event. */
	if (h->person && !looks && h->kids.n == 0 && clock_ms() + LOOK < until)
		until = clock_ms() + LOOK;
	/* Not a row more: poll(2) allows no more than descriptors. */
	for (i = 0; i < h->kids.max; i++)
		if (h->kids.all[i].ready != -1)
			h->p[n++] = (struct pollfd){
			    .fd = h->kids.all[i].ready, .events = POLLIN};
	if (place && !open && h->paused < until)
		until = h->paused;
	if (poll(h->p, n, io_left(until)) == -1)
		return errno == EINTR ? 0 : -1;
	children_hear(&h->kids);
	if (h->p[0].revents) {
		read_signals(h);
		children_reap(&h->kids);
	}
	if (h->p[1].revents && !h->kids.picked && !h->stop)
		answer(h);
	else if (h->p[2].revents && front(h))
		read_person(h);
	return 0;
}

/* One conversation, or with no pick all of them. */
static int
converse(struct house *h, int64_t *until, struct fault *f)
{
	struct listener *at = h->s->at;
	struct children *k = &h->kids;

	if ((at->fd == -1 && listen_bind(at, f) == -1) ||
	    listen_open(at, f) == -1)
		return -1;
	h->s->opened(at);
	k->picked = 0;
	k->over = 0;
	while (!k->picked && !h->stop && !h->left) {
		/* The time is for a call to come; one that is here may last. */
		if (turn(h, k->n > 0 ? INT64_MAX : *until) == -1)
			return fault_sys(f, X_SYS, "cannot wait");
		if (k->n > 0 && !h->s->pick)
			*until = INT64_MAX;
		if (k->n == 0 && !k->picked && clock_ms() >= *until)
			return fault(f, X_TIME, "nobody called");
	}
	*until = INT64_MAX;
	listen_close(at);
	/* Keep the port, if it can be had; the next time it must be. */
	if (h->s->again && !h->stop && listen_bind(at, f) == -1)
		listen_close(at);
	if (h->left)
		return 0;
	children_end(k, h->stop ? 0 : k->picked);
	while (!k->over && !h->stop)
		if (turn(h, INT64_MAX) == -1)
			return fault_sys(f, X_SYS, "cannot wait");
	return 0;
}

int
server_calls(const struct server *s, struct fault *f)
{
	struct house h = {.s = s, .kids = {.pick = s->pick, .note = s->note}};
	int64_t until = s->until;
	int failed;

	h.p = calloc((size_t)s->max + 3, sizeof(*h.p));
	h.signals = catch_signals(&h.kids.before);
	if (!h.p || h.signals == -1 || children_init(&h.kids, s->max) == -1)
		return fault_sys(f, X_SYS, "cannot begin");
	h.person = s->pick && isatty(STDIN_FILENO);
	s->at->known = known;
	s->at->arg = &h;
	do
		failed = converse(&h, &until, f);
	while (!failed && !h.stop && !h.left && s->again);
	if (failed || h.stop)
		children_end(&h.kids, 0);
	close(h.signals);
	free(h.kids.all);
	free(h.p);
	return failed ? -1 : h.left ? 0 : h.stop ? h.stop : h.kids.status;
}
