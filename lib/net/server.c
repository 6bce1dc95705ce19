/* server: a child process for each call.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/signals.h"
#include "net/children.h"
#include "net/server.h"

enum {
	PAUSE = 100, /* ms */
	LOOK = 1000, /* ms */
	GRACE = 300, /* ms, that a call waits for the conversation's end */
	NEAR = 4, /* children of an address, without those a person is asked
	           * about */
	HELD = 64, /* most calls that wait for a child */
	PORTS = 16 /* ports tried where two sockets need the same one */
};

enum { SIGNALS, CALLS, PERSON = CALLS + 2, FIXED };

struct house {
	const struct server *s;
	struct children kids;
	struct pollfd *p; /* FIXED, then one for each child */
	int person; /* stdin is a terminal: ^D ends the waiting */
	int left; /* ^D was typed */
	int signals; /* signalfd */
	int stop; /* the signal that came, or 0 */
	int open; /* calls can come in */
	int busy; /* calls during a conversation are taken, to say busy */
	struct call {
		int fd; /* -1: a call of also's */
		struct addr peer;
	} held[HELD]; /* oldest first */
	int nheld, guest; /* guest: a call of also's is held */
	int64_t late; /* the oldest held call is told busy from then on */
	int64_t paused; /* no calls are taken until then; 0: not paused */
};

/* Read signals from a descriptor, except those ignored here (nohup). */
static int
catch_signals(sigset_t *before)
{
	static const int ours[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	signals_add(&set, ours, sizeof(ours) / sizeof(*ours));
	(void)signals_hold(&set, before);
	return signals_fd(&set);
}

static void
read_signals(struct house *h)
{
	int sig;

	while ((sig = signals_read(h->signals)) > 0)
		if (sig == SIGTSTP)
			children_stop(h->kids.picked);
		else if (sig != SIGCHLD)
			h->stop = sig;
}

static int
known(void *arg, const struct addr *peer)
{
	const struct house *h = arg;
	int i;

	for (i = 0; i < h->nheld; i++)
		if (addr_same(&h->held[i].peer, peer))
			return 1;
	return children_known(&h->kids, peer);
}

/* Close a held call's socket; a child has its own descriptor. */
static void
unhold(struct house *h, int i)
{
	if (h->held[i].fd == -1)
		h->s->also->begun(h->s->also->arg);
	h->guest &= h->held[i].fd != -1;
	(void)fd_drop(h->held[i].fd);
	h->nheld--;
	memmove(&h->held[i], &h->held[i + 1],
	    (size_t)(h->nheld - i) * sizeof(*h->held));
}

/* How many held calls come from that address. */
static int
held_near(const struct house *h, const struct addr *peer)
{
	int i, n = 0;

	for (i = 0; i < h->nheld; i++)
		n += addr_near(&h->held[i].peer, peer);
	return n;
}

/* 1 if calls are taken now. */
static int
taking(const struct house *h)
{
	return !h->stop && (!h->kids.picked || h->busy);
}

/* The conversation may be ending: a caller is told that we are busy only when it
 * goes on. */
static int
early(const struct house *h)
{
	return h->kids.picked && clock_ms() < h->late;
}

/* Start children for held calls, those of addresses with fewest children first.
 * 0, or -1 and errno. */
static int
seat(struct house *h)
{
	struct children *k = &h->kids;
	int i, n, least, best, bad;

	while (taking(h) && !early(h)) {
		least = NEAR;
		best = -1;
		for (i = 0; i < h->nheld; i++) {
			n = children_near(k, &h->held[i].peer);
			if (n < least) {
				least = n;
				best = i;
			}
		}
		if (best == -1)
			return 0;
		if (k->n == k->max) {
			if (h->s->pick)
				children_yield(k, least);
			return 0;
		}
		bad = children_begin(
		    k, h->held[best].fd, &h->held[best].peer, h->s->run);
		unhold(h, best);
		if (bad == -1)
			return -1;
	}
	return 0;
}

/* Hold a call until it gets a child, which may be at once; if there are too
 * many, drop the oldest of the address with most.  0, or -1 and errno. */
static int
hold(struct house *h, int fd, const struct addr *peer)
{
	int i, n, most = 0, worst = 0;

	for (i = 0; h->nheld == HELD && i < HELD; i++) {
		n = held_near(h, &h->held[i].peer);
		if (n > most) {
			most = n;
			worst = i;
		}
	}
	if (h->nheld == HELD)
		unhold(h, worst);
	if (h->nheld == 0)
		h->late = clock_ms() + GRACE;
	h->held[h->nheld++] = (struct call){fd, *peer};
	return seat(h);
}

/* Take the call that poll(2) announced. */
static void
answer(struct house *h, struct listener *at)
{
	char text[100];
	struct addr peer;
	int fd = listen_take(at, &peer), bad;

	bad = fd == -1 ? errno == EMFILE || errno == ENFILE ||
	                     errno == ENOBUFS || errno == ENOMEM
	      : h->s->pick
	          ? hold(h, fd, &peer) == -1
	          : children_begin(&h->kids, fd, &peer, h->s->run) == -1;
	/* Exhausted resources may come free later: pause, do not spin.  Other
	 * errors concern only this call. */
	if (bad && !h->paused) {
		snprintf(text, sizeof(text), "cannot take a call: %s",
		    strerror(errno));
		h->s->note(CHILDREN_WRONG, h->kids.picked, text);
	}
	h->paused = bad ? clock_ms() + PAUSE : 0;
	if (!h->s->pick)
		(void)fd_drop(fd);
}

/* Is ^D at the terminal for us, and not for a child or another job? */
static int
front(const struct house *h)
{
	return h->person && !h->kids.picked && h->kids.n == 0 &&
	       tcgetpgrp(STDIN_FILENO) == getpgrp();
}

/* Discard what is typed while no child runs; note ^D. */
static void
read_person(struct house *h)
{
	char some[256];
	ssize_t n = read(STDIN_FILENO, some, sizeof(some));

	h->left = n == 0;
	if (n == -1 && errno != EINTR && errno != EAGAIN)
		h->person = 0;
}

/* Take a call from s->also. */
static int
answer_also(struct house *h, struct fault *f)
{
	const struct server_also *also = h->s->also;
	struct addr peer;
	int got = also->turn(also->arg, &peer, f);

	if (got != 1)
		return got;
	h->guest = children_near(&h->kids, &peer) < NEAR;
	if (!h->guest)
		also->begun(also->arg);
	else if (hold(h, -1, &peer) == -1)
		h->s->note(
		    CHILDREN_WRONG, h->kids.picked, "cannot take a call");
	return 0;
}

/* Wait for one event and handle it.  0, or -1 and a fault. */
static int
turn(struct house *h, int64_t until, struct fault *f)
{
	const struct server_also *also;
	int place, open, i, looks = front(h);
	nfds_t n = FIXED;

	(void)seat(h);
	place = taking(h) && (h->s->pick || h->kids.n < h->kids.max);
	open = place && clock_ms() >= h->paused;
	also =
	    place && h->kids.n < h->kids.max && !h->guest ? h->s->also : NULL;
	h->p[SIGNALS] = (struct pollfd){.fd = h->signals, .events = POLLIN};
	for (i = 0; i < 2; i++)
		h->p[CALLS + i] = (struct pollfd){
		    .fd = open && h->s->at[i] ? h->s->at[i]->fd : -1,
		    .events = POLLIN};
	h->p[PERSON] =
	    (struct pollfd){.fd = looks ? STDIN_FILENO : -1, .events = POLLIN};
	/* poll(2) does not report that we came to the foreground. */
	if (h->person && !looks && h->kids.n == 0 && clock_ms() + LOOK < until)
		until = clock_ms() + LOOK;
	/* Only open ones: poll(2) refuses more entries than RLIMIT_NOFILE. */
	for (i = 0; i < h->kids.max; i++)
		if (h->kids.all[i].ready != -1)
			h->p[n++] = (struct pollfd){
			    .fd = h->kids.all[i].ready, .events = POLLIN};
	if (also)
		n += (nfds_t)also->watch(also->arg, h->p + n, &until);
	if (place && !open && h->paused < until)
		until = h->paused;
	if (early(h) && h->late < until)
		until = h->late;
	if (poll(h->p, n, io_left(until)) == -1)
		return errno == EINTR ? 0 : fault_sys(f, X_SYS, "cannot wait");
	children_hear(&h->kids);
	if (h->p[SIGNALS].revents) {
		read_signals(h);
		children_reap(&h->kids);
	}
	for (i = 0; i < 2; i++)
		if (h->p[CALLS + i].revents && taking(h))
			answer(h, h->s->at[i]);
	if (h->p[PERSON].revents && front(h))
		read_person(h);
	return also && taking(h) ? answer_also(h, f) : 0;
}

/* Bind what is not bound; both listeners get one port. */
static int
bind_all(const struct server *s, struct fault *f)
{
	struct listener *one = s->at[0], *two = s->at[1];
	int any = one && one->port == 0, tries = 0;

	for (;;) {
		if (one && one->fd == -1 && listen_bind(one, f) == -1)
			return -1;
		if (one && two)
			two->port = one->port;
		if (!two || two->fd != -1 || listen_bind(two, f) != -1)
			return 0;
		if (!any || ++tries == PORTS)
			return -1;
		/* The port is taken for the other kind of socket. */
		listen_close(one);
		one->port = 0;
	}
}

/* Let calls come in from now on. */
static int
open_places(struct house *h, struct fault *f)
{
	const struct server *s = h->s;
	int i;

	if (h->open)
		return 0;
	h->open = 1;
	if (bind_all(s, f) == -1)
		return -1;
	for (i = 0; i < 2; i++)
		if (s->at[i] && listen_open(s->at[i], f) == -1)
			return -1;
	if (s->also)
		s->also->open(s->also->arg);
	if (s->at[0] || s->at[1])
		s->opened(s->at[0] ? s->at[0] : s->at[1]);
	return 0;
}

static void
close_places(struct house *h)
{
	struct listener *at;
	int i;

	h->open = 0;
	if (h->s->also)
		h->s->also->close(h->s->also->arg);
	for (i = 0; i < 2; i++) {
		at = h->s->at[i];
		if (!at)
			continue;
		/* Keep the port if possible; the next conversation needs it. */
		if (h->s->again && !h->stop)
			listen_pause(at);
		else
			listen_close(at);
	}
}

/* Serve one conversation, or without pick all of them. */
static int
converse(struct house *h, int64_t *until, struct fault *f)
{
	struct children *k = &h->kids;

	if (open_places(h, f) == -1)
		return -1;
	children_again(k);
	h->late = h->busy = 0;
	while (!k->picked && !h->stop && !h->left) {
		/* `until` limits the wait for a call, not the call itself. */
		if (turn(h, k->n > 0 ? INT64_MAX : *until, f) == -1)
			return -1;
		if (k->n > 0 && !h->s->pick)
			*until = INT64_MAX;
		if (k->n == 0 && !k->picked && clock_ms() >= *until)
			return fault(f, X_TIME, "nobody called");
	}
	*until = INT64_MAX;
	h->busy = k->picked && k->claims == k->picked && h->s->again &&
	          k->max > 1 && !h->stop;
	if (h->busy) {
		children_busy(k);
	} else {
		close_places(h);
		while (h->nheld > 0)
			unhold(h, 0);
	}
	if (h->left)
		return 0;
	if (!h->busy)
		children_end(k, h->stop ? 0 : k->picked);
	while (!k->over && !h->stop)
		if (turn(h, INT64_MAX, f) == -1)
			return -1;
	return 0;
}

int
server_calls(const struct server *s, struct fault *f)
{
	struct house h = {.s = s, .kids = {.pick = s->pick, .note = s->note}};
	int64_t until = s->until;
	int failed, i;

	h.p = calloc(
	    (size_t)s->max + FIXED + (size_t)(s->also ? s->also->fds : 0),
	    sizeof(*h.p));
	h.signals = catch_signals(&h.kids.before);
	if (!h.p || h.signals == -1 || children_init(&h.kids, s->max) == -1)
		return fault_sys(f, X_SYS, "cannot begin");
	for (i = 0; i < 2; i++)
		if (s->at[i]) {
			s->at[i]->known = known;
			s->at[i]->arg = &h;
		}
	h.person = s->pick && isatty(STDIN_FILENO);
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
