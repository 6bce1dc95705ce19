/* lookup: the addresses of a relay, found while others are waited for.
 * SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "meet/lookup.h"
#include "net/sock.h"

struct lookup {
	pthread_t thread;
	int out, in; /* a pipe: closed by the thread when done; -1: none */
	struct sock_how how;
	const char *host;
	int port, bad;
	struct addrinfo *all;
	struct fault why;
};

static void *
ask(void *arg)
{
	struct lookup *l = arg;

	l->bad = sock_look_up(&l->how, l->host, l->port, 0, &l->all, &l->why);
	close(l->in);
	return NULL;
}

struct lookup *
lookup_new(const char *host, int port, int family)
{
	struct lookup *l = calloc(1, sizeof(*l));
	sigset_t all, before;
	int p[2] = {-1, -1}, bad;

	if (!l)
		return NULL;
	if (pipe2(p, O_CLOEXEC) == 0) {
		p[0] = fd_high(p[0]);
		p[1] = fd_high(p[1]);
	}
	l->out = p[0];
	l->in = p[1];
	l->how.family = family;
	l->host = host;
	l->port = port;
	/* Signals are for the thread that waits for them. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	bad = l->out == -1 || l->in == -1 ||
	      (errno = pthread_create(&l->thread, NULL, ask, l)) != 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (bad) {
		l->bad = fault_sys(&l->why, X_SYS, "cannot look up %s", host);
		(void)fd_drop(l->in);
		l->out = fd_drop(l->out);
	}
	return l;
}

int
lookup_fd(const struct lookup *l)
{
	return l->out;
}

int
lookup_end(struct lookup *l, struct relay_at *out, struct fault *f)
{
	struct addrinfo *i;
	int bad;

	if (l->out != -1) {
		pthread_join(l->thread, NULL);
		close(l->out);
	}
	out->n = 0;
	for (i = l->all; i && out->n < SEAT_RELAYS; i = i->ai_next) {
		memcpy(&out->at[out->n].ss, i->ai_addr, i->ai_addrlen);
		out->at[out->n++].len = i->ai_addrlen;
	}
	if (l->all)
		freeaddrinfo(l->all);
	bad = l->bad;
	if (bad)
		*f = l->why;
	free(l);
	return bad;
}
