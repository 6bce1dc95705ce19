/* serve: a child process for each call.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fds.h"
#include "io.h"
#include "serve.h"
#include "tick.h"

enum { PATIENCE = 3000, PAUSE = 100 }; /* ms */

struct child {
	pid_t pid; /* 0: a free place */
	int ready; /* the pipe it says so on; -1: closed, or none */
	int ended; /* has been sent SIGTERM */
	struct addr peer;
};

struct house {
	const struct serve *s;
	struct child *kids;
	int n;
	pid_t picked; /* 0: none yet */
	int over, status; /* the picked one's */
	int signals; /* signalfd */
	int stop; /* the signal that came, or 0 */
	sigset_t before;
	int64_t paused; /* until then no call is taken */
};

static void
note(struct house *h, int loud, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
note(struct house *h, int loud, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	h->s->note(loud, text);
}

/* Signals become input, except those that are ignored here: nohup. */
static int
catch_signals(struct house *h)
{
	static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	struct sigaction old;
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		sigaction(ends[i], NULL, &old);
		if (old.sa_handler != SIG_IGN)
			sigaddset(&set, ends[i]);
	}
	/* Where it was ignored, children would leave no status. */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &set, &h->before);
	return fds_high(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

static void
forget(struct house *h, struct child *k)
{
	if (k->ready != -1)
		close(k->ready);
	memset(k, 0, sizeof(*k));
	k->ready = -1;
	h->n--;
}

/* Is there a child for that peer? */
static int
known(void *arg, const struct addr *peer)
{
	struct house *h = arg;
	int i;

	for (i = 0; i < h->s->max; i++)
		if (h->kids[i].pid && addr_same(&h->kids[i].peer, peer))
			return 1;
	return 0;
}

/* Has a child said that it is the one? */
static void
hear(struct house *h, struct child *k)
{
	char byte;
	ssize_t n;

	if (k->ready == -1)
		return;
	n = read(k->ready, &byte, 1);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	close(k->ready);
	k->ready = -1;
	if (n == 1 && !h->picked)
		h->picked = k->pid;
}

/* Take leave of the children that have ended.  1 if any had. */
static int
reap(struct house *h)
{
	int status, i, any = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		any = 1;
		for (i = 0; i < h->s->max; i++)
			if (h->kids[i].pid == pid)
				break;
		if (i == h->s->max)
			continue; /* left behind by a child of ours */
		hear(h, &h->kids[i]);
		if (pid == h->picked) {
			h->over = 1;
			h->status = status;
		}
		note(h, 0, "child %ld %s %d", (long)pid,
		    WIFEXITED(status) ? "ended with" : "killed by signal",
		    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
		forget(h, &h->kids[i]);
	}
	return any;
}

/* Read what signals have come. */
static void
look(struct house *h)
{
	struct signalfd_siginfo info;

	while (read(h->signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			h->stop = (int)info.ssi_signo;
}

/* Send sig to all children but one, to each the same only once.  How many
 * there are.  Those that a child left behind are known to /proc alone. */
static int
signal_all(struct house *h, int sig, pid_t but)
{
	FILE *fp = fopen("/proc/thread-self/children", "re");
	int i, all = 0;
	long pid;

	for (i = 0; i < h->s->max; i++) {
		if (!h->kids[i].pid || h->kids[i].pid == but)
			continue;
		all++;
		if (h->kids[i].ended == sig)
			continue;
		kill(h->kids[i].pid, sig);
		kill(h->kids[i].pid, SIGCONT);
		h->kids[i].ended = sig;
	}
	while (fp && fscanf(fp, "%ld", &pid) == 1) {
		for (i = 0; i < h->s->max; i++)
			if (h->kids[i].pid == pid)
				break;
		if (i < h->s->max)
			continue;
		all++;
		kill((pid_t)pid, sig);
		kill((pid_t)pid, SIGCONT);
	}
	if (fp)
		fclose(fp);
	return all;
}

/* End all children but one, and wait until they have. */
static void
end_all(struct house *h, pid_t but)
{
	int64_t until = tick_ms() + PATIENCE;
	int sig = SIGTERM;

	reap(h);
	while (signal_all(h, sig, but) > 0) {
		do {
			if (io_wait(h->signals, POLLIN, until) == 0) {
				sig = SIGKILL;
				until = tick_ms() + PATIENCE;
				break;
			}
			look(h);
		} while (!reap(h));
	}
}

/* Start a child for a call.  0, or -1 and errno. */
static int
start(struct house *h, int sock, const struct addr *peer)
{
	int pipes[2] = {-1, -1}, err;
	struct child *k = h->kids;
	char text[ADDR_TEXT];

	while (k->pid)
		k++;
	if (h->s->pick) {
		if (pipe2(pipes, O_CLOEXEC) == -1)
			return -1;
		pipes[0] = fds_high(pipes[0]);
		pipes[1] = fds_high(pipes[1]);
		if (pipes[0] == -1 || pipes[1] == -1 ||
		    fcntl(pipes[0], F_SETFL, O_NONBLOCK) == -1)
			goto fail;
	}
	k->pid = fork();
	if (k->pid == 0) {
		sigprocmask(SIG_SETMASK, &h->before, NULL);
		h->s->run(sock, pipes[1]);
		_exit(X_SYS);
	}
	if (k->pid == -1) {
		k->pid = 0;
		goto fail;
	}
	k->ready = pipes[0];
	k->peer = *peer;
	if (pipes[1] != -1)
		close(pipes[1]);
	h->n++;
	addr_text(text, peer);
	note(h, 0, "child %ld for %s port %d", (long)k->pid, text,
	    addr_port(peer));
	return 0;
fail:
	err = errno;
	if (pipes[0] != -1)
		close(pipes[0]);
	if (pipes[1] != -1)
		close(pipes[1]);
	errno = err;
	return -1;
}

/* A call has come, it seems. */
static void
answer(struct house *h)
{
	struct addr peer;
	int fd = listen_take(h->s->at, &peer);

	if (fd != -1 && start(h, fd, &peer) == 0) {
		close(fd);
		return;
	}
	/* What the machine has too few of may come free; no use in spinning.
	 * All else is about that one call. */
	if (fd != -1 || errno == EMFILE || errno == ENFILE ||
	    errno == ENOBUFS || errno == ENOMEM) {
		if (h->paused == 0)
			note(h, 1, "cannot take a call: %s", strerror(errno));
		h->paused = tick_ms() + PAUSE;
	}
	if (fd != -1)
		close(fd);
}

/* Wait for what comes first and see to it. */
static int
turn(struct house *h, struct pollfd *p, int64_t until)
{
	struct listener *at = h->s->at;
	int i, open, max = h->s->max;
	nfds_t n = 2;

	open = at->fd != -1 && h->n < max && tick_ms() >= h->paused;
	p[0] = (struct pollfd){.fd = h->signals, .events = POLLIN};
	p[1] = (struct pollfd){.fd = open ? at->fd : -1, .events = POLLIN};
	/* Not a row more: poll(2) allows no more than descriptors. */
	for (i = 0; i < max; i++)
		if (h->kids[i].ready != -1)
			p[n++] = (struct pollfd){
			    .fd = h->kids[i].ready, .events = POLLIN};
	if (!open && h->n < max && at->fd != -1 && h->paused < until)
		until = h->paused;
	if (poll(p, n, io_left(until)) == -1)
		return errno == EINTR ? 0 : -1;
	for (i = 0; i < max && !h->picked; i++)
		hear(h, &h->kids[i]);
	if (p[0].revents) {
		look(h);
		reap(h);
	}
	if (p[1].revents && !h->picked && !h->stop) {
		answer(h);
		if (tick_ms() >= h->paused)
			h->paused = 0;
	}
	return 0;
}

/* One conversation, or with no pick all of them. */
static int
converse(struct house *h, struct pollfd *p, int64_t *until, struct fault *f)
{
	struct listener *at = h->s->at;
	int64_t wait;

	if (listen_open(at, f) == -1)
		return -1;
	h->s->opened(at);
	h->picked = 0;
	h->over = 0;
	while (!h->picked && !h->stop) {
		/* The time is for a call to come; one that is here may last. */
		wait = h->n > 0 ? INT64_MAX : *until;
		if (turn(h, p, wait) == -1)
			return fault_sys(f, X_SYS, "cannot wait");
		if (h->n > 0 && !h->s->pick)
			*until = INT64_MAX;
		if (h->n == 0 && !h->picked && tick_ms() >= *until)
			return fault(f, X_TIME, "nobody called");
	}
	*until = INT64_MAX;
	listen_close(at);
	if (h->picked && h->s->again && listen_bind(at, f) == -1)
		return -1;
	end_all(h, h->stop ? 0 : h->picked);
	while (!h->over && !h->stop)
		if (turn(h, p, INT64_MAX) == -1)
			return fault_sys(f, X_SYS, "cannot wait");
	return 0;
}

int
serve_calls(const struct serve *s, struct fault *f)
{
	struct house h = {.s = s};
	int64_t until = s->until;
	struct pollfd *p;
	int i, failed;

	h.kids = calloc((size_t)s->max, sizeof(*h.kids));
	p = calloc((size_t)s->max + 2, sizeof(*p));
	h.signals = catch_signals(&h);
	if (!h.kids || !p || h.signals == -1)
		return fault_sys(f, X_SYS, "cannot begin");
	for (i = 0; i < s->max; i++)
		h.kids[i].ready = -1;
	s->at->known = known;
	s->at->arg = &h;
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	do
		failed = converse(&h, p, &until, f);
	while (!failed && !h.stop && s->again);
	if (failed || h.stop)
		end_all(&h, 0);
	close(h.signals);
	free(h.kids);
	free(p);
	return failed ? -1 : h.stop ? h.stop : h.status;
}
